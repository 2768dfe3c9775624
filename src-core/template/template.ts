import { type ErrorInfo, StateglassError, toErrorInfo } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { findFieldShapes, findShapes, type VariableShapes } from './find-shapes.ts';
import { type FormatField, findFields, firstName, isVariable, parseFormat } from './format-fields.ts';
import { findVariables } from './free-variables.ts';
import { parseJinja, renderJinja } from './jinja.ts';
import type { TemplateValue } from './python-words.ts';
import { renderFormat } from './render-format.ts';

/** `jinja`: Jinja2. `format`: what Python's `str.format` fills in. */
export type TemplateKind = 'jinja' | 'format' | 'none';

export interface DetectedTemplate {
  readonly kind: TemplateKind;
  /** Names that have to be given, each once. */
  readonly variables: readonly string[];
  /** Those of them that the template also sets itself, in some case. */
  readonly assigned: readonly string[];
  /** What is done with the variables: enough to propose values that can be rendered. */
  readonly shapes: VariableShapes;
  /** It renders a conversation, as chat templates do. */
  readonly isChat: boolean;
  /** Why it cannot be read as what it seems to be; there are no variables then. */
  readonly error?: ErrorInfo;
}

const STATEMENT =
  /\{%[-+]?\s*(?:(?:if|for|set|macro|call|filter|raw|block|include|import|extends|with|generation)\b|[a-z_]+\b[^\n%]*%\})/;
/** A name; or, behind a space, what else an expression begins with. JSON in doubled braces begins with a double quote. */
const EXPRESSION = /\{\{(?:([-+]?\s*)[A-Za-z_][^"{}\n]*|([-+]?[ \t]+)(?:[('\d]|\{\s*'|\}\}))/;

/**
 * What kind of template a text is, and its variables. JSON and prose in braces are none. Where both kinds are possible, statements and
 * spaced expressions speak for Jinja, single braces around a name for `str.format`.
 *
 * @param as the kind, when it is known.
 */
export function detectTemplate(text: string, as?: TemplateKind): DetectedTemplate {
  const kind = as ?? guessKind(text.slice(0, LIMITS.templateCharacters));
  const nothing = { kind, variables: [], assigned: [], shapes: {}, isChat: false } as const;
  if (kind === 'none') return nothing;
  try {
    checkLength(text);
    if (kind === 'format') {
      const fields = readVariables(text);
      return { ...nothing, variables: namesOf(fields), shapes: findFieldShapes(fields) };
    }
    const { program } = parseJinja(text, { trimsBlocks: false });
    const { free, assigned } = findVariables(program);
    return { kind, variables: free, assigned, shapes: findShapes(program), isChat: free.includes('messages') };
  } catch (error) {
    return { ...nothing, error: errorOf(error) };
  }
}

/**
 * Renders a text with values for its variables. Chat templates (those with `messages`) are given white space as transformers does it, all
 * others as Jinja2 does by itself.
 *
 * @throws `template` with a line where that is known, `limit` for a text that is too long.
 */
export function renderTemplate(
  text: string,
  kind: TemplateKind,
  variables: Readonly<Record<string, TemplateValue>>,
  { now = new Date(), trimsBlocks = Object.hasOwn(variables, 'messages') } = {},
): string {
  if (kind === 'none') return text;
  checkLength(text);
  try {
    return kind === 'format'
      ? renderFormat(text, variables)
      : renderJinja(parseJinja(text, { trimsBlocks }), variables, now);
  } catch (error) {
    throw new StateglassError(errorOf(error), { cause: error });
  }
}

/** Deep nesting ends in the parser as what JavaScript throws for it. */
const errorOf = (error: unknown): ErrorInfo =>
  error instanceof RangeError
    ? { kind: 'template', reason: 'limit', detail: 'it is nested too deeply' }
    : toErrorInfo(error);

function guessKind(text: string): TemplateKind {
  if (STATEMENT.test(text)) return 'jinja';
  const isFormat = hasFields(text);
  const expression = EXPRESSION.exec(text);
  if (expression && (!isFormat || (expression[1] ?? expression[2]) !== '')) return 'jinja';
  return isFormat ? 'format' : 'none';
}

const readVariables = (text: string): readonly FormatField[] => findFields(parseFormat(text)).filter(isVariable);

const namesOf = (fields: readonly FormatField[]): readonly string[] => [
  ...new Set(fields.map(({ name }) => firstName(name))),
];

/** Whether single braces hold names, also while the text is not whole. */
function hasFields(text: string): boolean {
  try {
    return readVariables(text).length > 0;
  } catch {
    return /(?<!\{)\{[A-Za-z_]\w*\}(?!\})/.test(text);
  }
}

function checkLength(text: string): void {
  if (text.length <= LIMITS.templateCharacters) return;
  throw new StateglassError({
    kind: 'limit',
    file: 'template',
    limit: 'templateCharacters',
    value: text.length,
    max: LIMITS.templateCharacters,
    detail: `the text has ${text.length} characters`,
  });
}
