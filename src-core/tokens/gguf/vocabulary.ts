/**
 * The tokenizer that a GGUF file has in its metadata, `tokenizer.ggml.*`: what it says of itself, and its lists.
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#tokenizer
 */

/** What is known without reading a list. */
export interface GgufFacts {
  /** `gpt2`, `llama`, `bert`, `t5`…: the way of cutting. */
  readonly model: string;
  /** How texts are cut before that, of byte-level vocabularies. */
  readonly pre?: string;
  /** `general.architecture`. */
  readonly family?: string;
  /** `bos`, `eos`, `unknown`… without `_token_id`. */
  readonly ids: Readonly<Record<string, number>>;
  /** `add_bos_token`, `add_space_prefix`… */
  readonly flags: Readonly<Record<string, boolean>>;
  /** Whether there is a table of characters of sentencepiece. */
  readonly hasCharacterTable: boolean;
}

export interface GgufLists {
  readonly tokens: readonly string[];
  /** Of each token, as `TOKEN_TYPES` has them; empty where the file does not say. */
  readonly types: readonly number[];
  readonly scores: readonly number[];
  /** Two tokens each, with a space between. */
  readonly merges: readonly string[];
}

export type Fields = Readonly<Record<string, unknown>>;

/** `llama_token_type` of llama.cpp. */
export const TOKEN_TYPES = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Ids by token; of one that is there twice the first. */
export function indexTokens(tokens: readonly string[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) if (token !== '' && !ids.has(token)) ids.set(token, id);
  return ids;
}

/** Tokens that stay whole wherever they stand in a text: those that control, those that people defined, and the unknown. */
export function listWholeTokens({ tokens, types }: GgufLists): readonly Fields[] {
  return tokens.flatMap((content, id) => {
    const type = types[id];
    const isSpecial = type === TOKEN_TYPES.control || type === TOKEN_TYPES.unknown;
    if ((!isSpecial && type !== TOKEN_TYPES.userDefined) || content === '') return [];
    return [{ id, content, special: isSpecial, normalized: false, single_word: false, lstrip: false, rstrip: false }];
  });
}

/** Tokens before and behind a text. Those that the vocabulary does not have are left out. */
export function frameText(
  { tokens }: GgufLists,
  before: readonly (number | undefined)[],
  behind: readonly (number | undefined)[],
): Fields | null {
  const special: Record<string, Fields> = {};
  const place = (ids: readonly (number | undefined)[]) =>
    ids.flatMap((id) => {
      const token = id === undefined ? undefined : tokens[id];
      if (token === undefined) return [];
      special[token] = { id: token, ids: [id], tokens: [token] };
      return [{ SpecialToken: { id: token, type_id: 0 } }];
    });
  const single = [...place(before), { Sequence: { id: 'A', type_id: 0 } }, ...place(behind)];
  return single.length === 1 ? null : { type: 'TemplateProcessing', single, pair: single, special_tokens: special };
}

/** An item of `ids` or `flags` behind a condition. */
export const when = <T>(condition: boolean, value: T | undefined): T | undefined => (condition ? value : undefined);
