/**
 * Jinja, parsed and rendered by the package of the Hub's own page: https://www.npmjs.com/package/@huggingface/jinja. It is wrapped where it
 * would differ from Jinja2 (what an undefined name does, how values are written, white space), where it keeps no lines, and where a template
 * could run without end: https://jinja.palletsprojects.com/en/stable/templates/
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { checkTags } from './check-tags.ts';
import { type Places, placeStatements } from './place-statements.ts';
import { type TemplateValue, writeRepr, writeTime } from './python-words.ts';
import { scanBlocks, skipString, type WhiteSpace } from './scan-blocks.ts';
import { nameOf, nodeOf, nodesOf, type Syntax } from './syntax.ts';
import { lineAt, templateError } from './template-error.ts';

type Token = ReturnType<typeof tokenize>[number];
type Statement = Parameters<Interpreter['evaluate']>[0];
type RuntimeValue = ReturnType<Interpreter['evaluate']>;

export interface JinjaTemplate {
  readonly program: Syntax;
  readonly places: Places;
}

/** Names that are there without being given. */
export const JINJA_NAMES = [
  'true',
  'false',
  'none',
  'True',
  'False',
  'None',
  'range',
  'namespace',
  'raise_exception',
  'strftime_now',
];

/** @throws `template` with the line where it is no Jinja, or none that is rendered here. */
export function parseJinja(source: string, whiteSpace: WhiteSpace): JinjaTemplate {
  const blocks = scanBlocks(source, whiteSpace);
  checkTags(blocks);
  // Marks for what is trained on: nothing is written for them.
  const shown = blocks.filter(({ kind, text }) => kind !== 'statement' || !/^\s*(end)?generation\b/.test(text));
  const tokens: Token[] = [];
  const lines: number[] = [];
  for (const { kind, text, line } of shown) {
    const made = kind === 'text' ? [{ type: 'Text', value: text } as Token] : readTokens(kind, text, line);
    tokens.push(...made);
    lines.push(...(kind === 'text' ? [line] : placeTokens(made, text, line)));
  }
  const { program, failed, error } = parseTokens(tokens);
  if (!program) throw templateError('syntax', wordParser(error), lines[failed] ?? lines.at(-1) ?? 1);
  return { program, places: placeStatements(program, shown) };
}

function readTokens(kind: 'expression' | 'statement', text: string, line: number): readonly Token[] {
  try {
    return tokenize(kind === 'expression' ? `{{ ${text} }}` : `{% ${text} %}`);
  } catch (error) {
    throw templateError('syntax', wordParser(error), line);
  }
}

/** Lines of the tokens of a block: their values are looked for one after the other. */
function placeTokens(tokens: readonly Token[], text: string, line: number): readonly number[] {
  if (!text.includes('\n')) return tokens.map(() => line);
  let at = 0;
  return tokens.map(({ type, value }, i) => {
    if (i === 0) return line;
    if (type === 'StringLiteral') {
      const start = text.slice(at).search(/['"]/);
      if (start < 0) return line + lineAt(text, at) - 1;
      const found = at + start;
      at = Math.max(found, skipString(text, found));
      return line + lineAt(text, found) - 1;
    }
    const found = text.indexOf(value, at);
    if (found < 0) return line + lineAt(text, text.length) - 1;
    at = found + value.length;
    return line + lineAt(text, found) - 1;
  });
}

/** The parser does not say where it stopped: the last token that it looked at does. */
function parseTokens(tokens: readonly Token[]): { program?: Syntax; failed: number; error?: unknown } {
  let failed = 0;
  const watched = new Proxy([...tokens], {
    get(list, name) {
      const index = typeof name === 'string' ? Number(name) : Number.NaN;
      if (index > failed && index < list.length) failed = index;
      return Reflect.get(list, name) as unknown;
    },
  });
  try {
    return { program: parse(watched) as unknown as Syntax, failed };
  } catch (error) {
    return { failed, error };
  }
}

function wordParser(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  // The parser reads past its last token.
  if (error instanceof TypeError) return 'it ends too early';
  const [, detail = ''] = /^(?:Parser Error: )?(.*?)\.?$/s.exec((error as Error).message) ?? [];
  return wordTypes(detail).replace(/^./, (c) => c.toLowerCase());
}

/** Renders with plain values; a name without one is undefined, as in Jinja2. */
export function renderJinja(
  template: JinjaTemplate,
  variables: Readonly<Record<string, TemplateValue>>,
  now: Date,
): string {
  const environment = new Environment();
  for (const name of ['true', 'True']) environment.set(name, true);
  for (const name of ['false', 'False']) environment.set(name, false);
  for (const name of ['none', 'None']) environment.set(name, null);
  environment.set('range', makeRange);
  environment.set('strftime_now', (format: unknown) => writeTime(now, String(format)));
  environment.set('raise_exception', (message: unknown) => {
    throw templateError('raised', String(message));
  });
  for (const [name, value] of Object.entries(variables)) if (!JINJA_NAMES.includes(name)) environment.set(name, value);
  const interpreter = new BoundedInterpreter(environment, template.places);
  try {
    return String(interpreter.run(template.program as never).value);
  } catch (error) {
    throw placeError(error, interpreter.line);
  }
}

function placeError(error: unknown, line: number): StateglassError {
  if (error instanceof StateglassError) {
    const { info } = error;
    return info.kind === 'template' ? templateError(info.reason, info.detail, info.line ?? line) : error;
  }
  if (error instanceof RangeError) return templateError('limit', 'it repeats or calls itself too often', line);
  const detail = wordTypes((error as Error).message);
  return templateError(/^unknown (\w+ )?(filter|test)/i.test(detail) ? 'unsupported' : 'value', detail, line);
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  UndefinedValue: 'what is undefined',
  NullValue: 'None',
  StringValue: 'a text',
  IntegerValue: 'an integer',
  FloatValue: 'a float',
  BooleanValue: 'a bool',
  ArrayValue: 'a list',
  TupleValue: 'a tuple',
  ObjectValue: 'a dict',
  NamespaceValue: 'a namespace',
  FunctionValue: 'a function',
};
const wordTypes = (text: string): string =>
  text.replace(/\b[A-Z][A-Za-z]+Value\b/g, (name) => TYPE_WORDS[name] ?? name);

function makeRange(start: number, stop?: number, step = 1): readonly number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0) throw templateError('value', 'the step of range() is 0');
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!(count <= LIMITS.templateItems))
    throw templateError('limit', `range() has more than ${LIMITS.templateItems} numbers`);
  return Array.from({ length: count }, (_, i) => from + i * step);
}

/** A node that stands for a value that is known already. */
const KNOWN = 'Known';

class BoundedInterpreter extends Interpreter {
  /** Of the statement that is evaluated. */
  line = 1;
  private steps = 0;
  private readonly places: Places;

  constructor(environment: Environment, places: Places) {
    super(environment);
    this.places = places;
  }

  override evaluate(statement: Statement, environment: Environment): RuntimeValue {
    const node = statement as unknown as Syntax | undefined;
    if (!node) return super.evaluate(statement, environment);
    if (node.type === KNOWN) return node.known as RuntimeValue;
    this.charge(1);
    const before = this.line;
    this.line = this.places.lines.get(node) ?? before;
    const value = super.evaluate(this.prepare(node, environment) as never, environment);
    checkSize(value);
    this.charge(costOf(value));
    const shown = this.places.outputs.has(node) ? asRuntime(writeValue(value)) : value;
    this.line = before;
    return shown;
  }

  private charge(steps: number): void {
    this.steps += steps;
    if (this.steps > LIMITS.templateSteps)
      throw templateError('limit', `it takes more than ${LIMITS.templateSteps} steps`);
  }

  /** The node to evaluate in its place, where the package does something else than Jinja2. */
  private prepare(node: Syntax, environment: Environment): Syntax {
    const know = (child: Syntax): Syntax => ({ type: KNOWN, known: this.evaluate(child as never, environment) });
    switch (node.type) {
      case 'MemberExpression': {
        const object = nodeOf(node, 'object')!;
        const known = know(object);
        if (typeOf(known) === 'UndefinedValue') throw templateError('undefined', `${describe(object)} is undefined`);
        return { ...node, object: known };
      }
      case 'CallExpression': {
        const callee = nodeOf(node, 'callee')!;
        const known = know(callee);
        if (typeOf(known) === 'UndefinedValue') throw templateError('undefined', `${describe(callee)} is undefined`);
        return { ...node, callee: known };
      }
      case 'For': {
        const iterable = nodeOf(node, 'iterable')!;
        const isFiltered = iterable.type === 'SelectExpression';
        const known = know(isFiltered ? nodeOf(iterable, 'lhs')! : iterable);
        const items = { type: KNOWN, known: listItems(known.known as RuntimeValue) };
        return { ...node, iterable: isFiltered ? { ...iterable, lhs: items } : items };
      }
      case 'FilterExpression':
      case 'FilterStatement':
        this.checkWidths(nodeOf(node, 'filter')!, environment);
        return node;
      default:
        return node;
    }
  }

  /** `indent` and `tojson` write so many blanks as they are told, before anybody sees the text. */
  private checkWidths(filter: Syntax, environment: Environment): void {
    if (!['indent', 'tojson'].includes(nameOf(nodeOf(filter, 'callee')) ?? '')) return;
    for (const argument of nodesOf(filter, 'args')) {
      const { value } = this.evaluate((nodeOf(argument, 'value') ?? argument) as never, environment);
      if (typeof value === 'number' && value > 1000) throw templateError('limit', `an indent of ${value}`);
    }
  }
}

const typeOf = ({ known }: Syntax): string => (known as RuntimeValue).type;

const asRuntime = (value: unknown): RuntimeValue => new Environment().set('value', value);

/** What a loop runs over: nothing for what is undefined, the characters of a text. */
function listItems(value: RuntimeValue): RuntimeValue {
  if (value.type === 'UndefinedValue') return asRuntime([]);
  return value.type === 'StringValue' ? asRuntime([...(value.value as string)]) : value;
}

function checkSize({ type, value }: RuntimeValue): void {
  if (type === 'StringValue' && (value as string).length > LIMITS.renderedCharacters)
    throw templateError('limit', `a text of more than ${LIMITS.renderedCharacters} characters`);
  if (Array.isArray(value) && value.length > LIMITS.templateItems)
    throw templateError('limit', `a list of more than ${LIMITS.templateItems} items`);
}

/** What is made of a long value takes as long as it is. */
const costOf = ({ value }: RuntimeValue): number =>
  Array.isArray(value) ? value.length : typeof value === 'string' ? value.length >> 6 : 0;

/** As Python writes a value into a text. */
function writeValue(value: RuntimeValue): string {
  if (value.type === 'UndefinedValue') return '';
  return value.type === 'StringValue' ? (value.value as string) : writeInner(value);
}

function writeInner(runtime: RuntimeValue): string {
  const { type, value } = runtime;
  if (type === 'FloatValue') return runtime.toString();
  if (type === 'UndefinedValue') return 'Undefined';
  if (type === 'NullValue') return 'None';
  if (type === 'FunctionValue') throw templateError('value', 'a function is no text');
  if (Array.isArray(value)) {
    const items = (value as RuntimeValue[]).map(writeInner);
    return type === 'TupleValue' ? `(${items.join(', ')}${items.length === 1 ? ',' : ''})` : `[${items.join(', ')}]`;
  }
  if (value instanceof Map) {
    const members = [...(value as Map<string, RuntimeValue>)].map(
      ([name, item]) => `${writeRepr(name)}: ${writeInner(item)}`,
    );
    return `{${members.join(', ')}}`;
  }
  return writeRepr(value as TemplateValue);
}

function describe(node: Syntax): string {
  if (node.type !== 'MemberExpression') return nameOf(node) ?? 'a value';
  const property = nodeOf(node, 'property');
  const name = nameOf(property) ?? property?.value;
  const object = describe(nodeOf(node, 'object')!);
  return node.computed === true
    ? `${object}[${typeof name === 'string' ? writeRepr(name) : '…'}]`
    : `${object}.${String(name)}`;
}
