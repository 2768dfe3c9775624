import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  Parser,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { failAt, type TextRange, type TextSource } from './tree.ts';

/** The one door to the YAML library: its tokens keep every place, its composer says what is wrong with them. */
export { type CST, isAlias, isMap, isScalar, isSeq };
export type YamlNode = ParsedNode;
export type YamlAlias = Alias.Parsed;
export type YamlScalar = Scalar.Parsed;
export type YamlMap = YAMLMap.Parsed;
export type YamlSeq = YAMLSeq.Parsed;
export type YamlDocument = Document.Parsed;

export interface ParsedYaml {
  /** At least one; the only one of an empty text has no contents. */
  readonly documents: readonly YamlDocument[];
  readonly comments: readonly TextRange[];
}

/** Scalars stay texts: what they mean is another matter (`yaml-scalar.ts`). Throws for the first thing that is wrong. */
export function parseYaml(source: TextSource): ParsedYaml {
  const { text, file } = source;
  if (text.length > LIMITS.yamlBytes)
    throw new StateglassError({
      kind: 'limit',
      file,
      limit: 'yamlBytes',
      value: text.length,
      max: LIMITS.yamlBytes,
      detail: 'the YAML text is too large to be taken apart',
    });
  const tokens = [...parseTokens(source)];
  const composer = new Composer({
    keepSourceTokens: true,
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents = [...composer.compose(tokens, true, text.length)];
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) throw failAt(source, lowerFirst(error.message), Math.min(error.pos[0], text.length));
  return { documents, comments: listComments(tokens) };
}

/** Deep nesting is found while it is read: the composer recurses. */
function* parseTokens({ text, file }: TextSource): Generator<CST.Token> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // The document itself and a scalar stand on the stack too.
    const depth = parser.stack.length - 2;
    if (depth > LIMITS.textDepth)
      throw new StateglassError({
        kind: 'limit',
        file,
        limit: 'textDepth',
        value: depth,
        max: LIMITS.textDepth,
        detail: 'values are nested too deeply',
      });
  }
  yield* parser.end();
}

const PARTS = ['start', 'key', 'sep', 'value', 'items', 'end', 'props'] as const;
type Parts = Partial<Record<(typeof PARTS)[number] | 'type' | 'source' | 'offset', unknown>>;

function listComments(tokens: readonly CST.Token[]): TextRange[] {
  const found: TextRange[] = [];
  const left: unknown[] = [tokens];
  while (left.length > 0) {
    const one = left.pop();
    if (Array.isArray(one)) for (const item of one) left.push(item);
    else if (typeof one === 'object' && one !== null) {
      const { type, source, offset, ...parts } = one as Parts;
      if (type === 'comment')
        found.push({ start: offset as number, end: (offset as number) + (source as string).length });
      for (const part of PARTS) if (parts[part]) left.push(parts[part]);
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
