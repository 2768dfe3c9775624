import type { JsonNode } from '../../model/state-dict.ts';
import { valueOfNumber } from '../../model/value-of-json.ts';

export type YamlVersion = '1.1' | '1.2';
/** What an unquoted scalar says. */
export type YamlValue = Exclude<JsonNode, { kind: 'array' | 'object' }>;

/**
 * YAML 1.2 as its readers in Python take it (ruamel.yaml): the core schema, and dates, `1_000` and `0b11`. YAML 1.1 as PyYAML does:
 * `yes` and `on` are booleans, `010` is eight, `1:30` is ninety, and `1e5` is a text.
 * https://yaml.org/spec/1.2.2/#103-core-schema, https://yaml.org/type/
 */
export function resolveYaml(text: string, version: YamlVersion): YamlValue {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return { kind: 'null' };
  const truth = (version === '1.1' ? TRUTHS_1_1 : TRUTHS).exec(text);
  if (truth) return { kind: 'bool', value: truth[1] !== undefined };
  // Nearly all texts begin otherwise.
  if (!/^[-+.0-9]/.test(text) || text.length > MAX_NUMBER) return { kind: 'string', value: text };
  const date = DATE.exec(text);
  if (date) return readDate(date);
  return (version === '1.1' ? readNumber11 : readNumber12)(text) ?? { kind: 'string', value: text };
}

const MAX_NUMBER = 4096;
const TRUTHS = /^(?:(true|True|TRUE)|false|False|FALSE)$/;
const TRUTHS_1_1 = /^(?:(yes|Yes|YES|true|True|TRUE|on|On|ON)|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER = /^[-+]?(?:[0-9][0-9_]*|0x[0-9a-fA-F_]*[0-9a-fA-F]|0b[01_]*[01])$/;
const OCTAL = /^0o[0-7_]*[0-7]$/;
const FLOAT = /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$/;
/** With a point, and a sign in the exponent. */
const FLOAT_1_1 = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/;
const SPECIAL = /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/;
const SEXAGESIMAL = /^[-+]?(?:[1-9][0-9_]*(?::[0-5]?[0-9])+|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/;
const DATE =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}$|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?[ \t]*(Z|[-+][0-9]{1,2}(?::?[0-9]{2})?)?$/;

const number = (lexeme: string): YamlValue => ({ kind: 'number', lexeme });

function readNumber12(text: string): YamlValue | undefined {
  return [INTEGER, OCTAL, FLOAT, SPECIAL].some((pattern) => pattern.test(text)) ? number(text) : undefined;
}

function readNumber11(text: string): YamlValue | undefined {
  const octal = /^([-+]?)0([0-7_]+)$/.exec(text);
  if (octal) return number(`${octal[1]}0o${octal[2]}`);
  if (/^[-+]?0[0-9]/.test(text) && INTEGER.test(text)) return undefined;
  if (SEXAGESIMAL.test(text)) return { kind: 'literal', lexeme: text, what: 'sexagesimal' };
  return [INTEGER, FLOAT_1_1, SPECIAL].some((pattern) => pattern.test(text)) ? number(text) : undefined;
}

function readDate([lexeme, zone]: RegExpExecArray): YamlValue {
  const what = lexeme.length === 10 ? 'local-date' : zone ? 'offset-date-time' : 'local-date-time';
  return { kind: 'literal', lexeme, what };
}

/** What the other version makes of it, for people; undefined when both agree. */
export function describeOther(text: string, version: YamlVersion): string | undefined {
  const here = resolveYaml(text, version);
  const there = resolveYaml(text, version === '1.1' ? '1.2' : '1.1');
  if (here.kind !== there.kind) return describe(there);
  if (here.kind !== 'number' || there.kind !== 'number') return undefined;
  const [a, b] = [valueOfNumber(here.lexeme), valueOfNumber(there.lexeme)];
  return a.type === 'int' && b.type === 'int' && a.digits !== b.digits ? b.digits : undefined;
}

function describe(value: YamlValue): string {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'bool':
      return String(value.value);
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'literal':
      return value.what === 'sexagesimal' ? 'a number of base 60' : 'a date';
  }
}

/** Whether every reader takes the unquoted text for a text. */
export function isPlainText(text: string): boolean {
  const isText = (version: YamlVersion) => resolveYaml(text, version).kind === 'string';
  return isText('1.1') && isText('1.2') && text !== '=' && text !== '<<';
}

/** A number that every reader takes for the same one. */
export function spellYamlNumber(lexeme: string): string {
  const value = valueOfNumber(lexeme);
  if (value.type === 'int') return /^[-+]?(?:0|[1-9][0-9]*)$/.test(lexeme) ? lexeme : value.digits;
  if (Number.isNaN(value.value)) return '.nan';
  if (!Number.isFinite(value.value) && /inf/i.test(lexeme)) return value.value > 0 ? '.inf' : '-.inf';
  if (/^[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?$/.test(lexeme)) return lexeme;
  const [, sign = '', whole = '', part = '', exponent = ''] =
    /^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]+))?$/.exec(lexeme.replaceAll('_', '')) ?? [];
  const power = exponent === '' ? '' : `e${/^[-+]/.test(exponent) ? '' : '+'}${exponent}`;
  return `${sign}${whole || '0'}.${part || '0'}${power}`;
}
