/**
 * `tokenizer.json` as the library `tokenizers` writes it: https://huggingface.co/docs/tokenizers. It is carried out by the package
 * of the same people, https://github.com/huggingface/tokenizers.js; where that differs from the library on texts that occur, what it is
 * given is put right here. Padding and truncation are not done. Nothing in the file is executed but its patterns.
 */
import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { listPatterns, repeatsRepetitions } from './check-patterns.ts';
import { nameToken, spellingOf } from './token-names.ts';
import type { Tokeniser } from './tokeniser.ts';

type Fields = Readonly<Record<string, unknown>>;
type Kind = Exclude<Tokeniser['kind'], 'characters'>;

/**
 * @throws `malformed` for what is no such file, `unsupported` for parts that are not known here.
 */
export async function readTokenizerJson(bytes: Uint8Array, file: string): Promise<Tokeniser> {
  return makeTokeniser(parseFields(bytes, file), file, 'tokenizer.json');
}

/**
 * The same of what such a file would say.
 *
 * @param kind where that comes from.
 * @throws `unsupported` for parts that are not known here.
 */
export async function makeTokeniser(parsed: Fields, file: string, kind: Kind): Promise<Tokeniser> {
  try {
    for (const pattern of listPatterns(parsed))
      if (repeatsRepetitions(pattern))
        throw new Error(`the pattern ${pattern.slice(0, 80)} repeats a repetition, which may never come to an end`);
    const { Tokenizer } = await import('@huggingface/tokenizers');
    const model = parsed.model as Fields;
    // Of the settings of transformers only those of words are asked for, and they are in the file too.
    const settings = { clean_up_tokenization_spaces: false, unk_token: model.unk_token };
    return wrapTokenizer(new Tokenizer(completeFields(parsed), settings), parsed, file, kind);
  } catch (error) {
    throw unsupported(error, file, kind);
  }
}

/** The part of the package's tokenizer that is used. */
interface PackageTokenizer {
  encode(text: string): { readonly ids: readonly (number | undefined)[] };
  decode(ids: number[], options: { readonly skip_special_tokens: boolean }): string;
  id_to_token(id: number): string | undefined;
}

function wrapTokenizer(made: PackageTokenizer, parsed: Fields, file: string, kind: Kind): Tokeniser {
  const size = countIds(parsed);
  const spelling = spellingOf(parsed.decoder);
  const prepare = preparationFor(parsed.normalizer);
  const isKnown = (id: number) => Number.isInteger(id) && id >= 0 && id < size && made.id_to_token(id) !== undefined;
  return {
    kind,
    size,
    encode(text) {
      requireRoom(text, file);
      try {
        // A model without a token for the unknown leaves it out.
        return made.encode(prepare(text.toWellFormed())).ids.filter((id) => id !== undefined);
      } catch (error) {
        throw unsupported(error, file, kind);
      }
    },
    decode(ids) {
      const known = ids.filter(isKnown);
      return known.length === 0 ? '' : made.decode(known, { skip_special_tokens: true });
    },
    name: (id) => (isKnown(id) ? nameToken(made.id_to_token(id) as string, spelling) : undefined),
  };
}

function requireRoom(text: string, file: string): void {
  const max = LIMITS.tokenisedCharacters;
  if (text.length <= max) return;
  const detail = 'the text is too long';
  throw new StateglassError({ kind: 'limit', file, limit: 'tokenisedCharacters', value: text.length, max, detail });
}

const unsupported = (error: unknown, file: string, format: Kind): StateglassError =>
  new StateglassError({
    kind: 'unsupported',
    file,
    format,
    detail: error instanceof Error ? error.message : String(error),
  });

function parseFields(bytes: Uint8Array, file: string): Fields {
  const refuse = (detail: string) => new StateglassError({ kind: 'malformed', file, format: 'tokenizer.json', detail });
  const max = LIMITS.tokenizerBytes;
  if (bytes.length > max)
    throw new StateglassError({
      kind: 'limit',
      file,
      limit: 'tokenizerBytes',
      value: bytes.length,
      max,
      detail: 'the tokenizer is too large',
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw refuse((cause as Error).message);
  }
  const fields = asFields(parsed);
  const model = asFields(fields?.model);
  if (!fields || !model) throw refuse('it has no model');
  if (typeof model.vocab !== 'object' || model.vocab === null) throw refuse('its model has no vocabulary');
  return fields;
}

/** With the fields that the package wants to see, and steps whose classes of characters it takes narrower than the library does. */
const completeFields = (fields: Fields): Fields => ({
  normalizer: null,
  post_processor: null,
  decoder: null,
  ...fields,
  added_tokens: fields.added_tokens ?? [],
  pre_tokenizer: widenClasses(fields.pre_tokenizer ?? null),
});

/** `\w` of Unicode, joiners included. */
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d';

function widenClasses(step: unknown): unknown {
  const fields = asFields(step);
  switch (fields?.type) {
    case 'Whitespace':
      return { type: 'Split', pattern: { Regex: `[${WORD}]+|[^${WORD}\\s]+` }, behavior: 'Removed', invert: true };
    case 'WhitespaceSplit':
      return { type: 'Split', pattern: { Regex: '\\s+' }, behavior: 'Removed', invert: false };
    case 'Sequence':
      return {
        ...fields,
        pretokenizers: Array.isArray(fields.pretokenizers) ? fields.pretokenizers.map(widenClasses) : [],
      };
    default:
      return step;
  }
}

/** Chinese characters past U+FFFF, which the package does not set apart. */
const RARE_CHINESE = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2ebef}\u{2f800}-\u{2fa1f}]/gu;

/** What has to be done to a text first, for its normaliser to give what the library gives. */
function preparationFor(normalizer: unknown): (text: string) => string {
  const steps = listSteps(normalizer);
  const lowers = steps.some(({ type, lowercase }) => type === 'Lowercase' || (type === 'BertNormalizer' && lowercase));
  const setsApart = steps.some(({ type, handle_chinese_chars }) => type === 'BertNormalizer' && handle_chinese_chars);
  return (text) => {
    const apart = setsApart ? text.replace(RARE_CHINESE, ' $& ') : text;
    // Python and Rust lower each letter alone; here a sigma at the end of a word would become ς.
    return lowers ? apart.replaceAll('Σ', 'σ') : apart;
  };
}

function listSteps(step: unknown): readonly Fields[] {
  const fields = asFields(step);
  if (!fields) return [];
  return Array.isArray(fields.normalizers) ? fields.normalizers.flatMap(listSteps) : [fields];
}

function countIds({ added_tokens, model }: Fields): number {
  const { vocab } = model as Fields;
  const own = Array.isArray(vocab) ? [vocab.length - 1] : Object.values(vocab as Fields);
  const added = Array.isArray(added_tokens) ? added_tokens.map((token) => asFields(token)?.id) : [];
  return [...own, ...added].reduce<number>(
    (most, id) => (Number.isInteger(id) ? Math.max(most, (id as number) + 1) : most),
    0,
  );
}

const asFields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
