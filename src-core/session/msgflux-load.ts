import { decodeText } from '../formats/text/decode.ts';
import { scanJson } from '../formats/text/json-scan.ts';
import { scanToml } from '../formats/text/toml-scan.ts';
import type { TextNode } from '../formats/text/tree.ts';
import type { Problem } from '../model/state-dict.ts';
import { type Datum, isDict, type Pair } from '../ops/systems/data.ts';
import { noneFromText, TOML_VERSION } from '../ops/systems/msgflux/save.ts';
import { may, need, note, type Operation, outcome, warning } from '../ops/systems/operation.ts';
import { uniqueKeys } from '../ops/systems/python-keys.ts';
import { raised } from '../ops/systems/raise.ts';

/** `msgflux.load` reads text, and the readers of JSON and TOML are the formats' own. */
export const MSGFLUX_LOAD: Operation = {
  id: 'msgflux.load',
  system: 'msgflux',
  summary: 'The state dict of a text that msgflux.save wrote',
  args: [
    need('text', 'the content of the file'),
    need('path', 'its ending chooses JSON or TOML'),
    may('version', 'a release: 0.1.0a3 read TOML, 0.5.1 refuses it'),
  ],
  run: (args) => {
    const path = args.text('path');
    const version = args.optional('version') === undefined ? undefined : args.text('version');
    if (path.endsWith('.json')) return outcome(read(args.text('text'), path, 'JSON'));
    if (!path.endsWith('.toml') || (version !== undefined && version !== TOML_VERSION))
      throw raised('msgflux', 'ValueError', `Unsupported file extension: \`${path}\`. Use \`.json\`.`);
    const decoded = read(args.text('text'), path, 'TOML');
    if (!isDict(decoded)) return outcome(decoded);
    const { state, keys } = noneFromText(decoded);
    const problems: Problem[] = keys.map((key) =>
      warning(
        'none-text',
        `${key} holds the text "None", which msgflux reads as null: if it was meant as text, it is lost.`,
      ),
    );
    for (const [key, value] of state.items)
      if (isDict(value) && !value.items.some(([name]) => name === 'msgflux_type'))
        problems.push(
          note('nested', `${String(key)} is a table: load_state_dict takes it for one value and finds no keys in it.`),
        );
    return outcome(state, problems);
  },
};

function read(text: string, path: string, format: 'JSON' | 'TOML'): Datum {
  const { source } = decodeText(new TextEncoder().encode(text), path, format);
  return toDatum((format === 'JSON' ? scanJson(source) : scanToml(source)).root);
}

function toDatum(node: TextNode): Datum {
  switch (node.kind) {
    case 'null':
      return null;
    case 'bool':
    case 'string':
      return node.value;
    case 'number':
      return toNumber(node.lexeme.replaceAll('_', ''));
    case 'literal':
      return { kind: 'object', type: node.what, serialized: node.lexeme };
    case 'array':
      return node.items.map(toDatum);
    case 'object':
      return uniqueKeys(node.members.map(({ key, value }): Pair => [key, toDatum(value)]));
  }
}

/** Numbers of JSON and of TOML, which has other bases and names for what is not finite. */
function toNumber(lexeme: string): Datum {
  if (/^0[xob]/.test(lexeme)) return BigInt(lexeme);
  if (/^[+-]?\d+$/.test(lexeme)) return BigInt(lexeme.replace('+', ''));
  const named = /^([+-]?)(inf|nan)$/i.exec(lexeme);
  if (!named) return Number(lexeme);
  const size = named[2]?.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
  return named[1] === '-' ? -size : size;
}
