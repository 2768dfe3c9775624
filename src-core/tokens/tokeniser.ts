/** Texts as the ids that a language model takes, and back. */
export interface Tokeniser {
  /** `characters`: one token for each. `tokenizer.json`: whatever such a file says. `gguf`: what the metadata of a GGUF file say. */
  readonly kind: 'characters' | 'tokenizer.json' | 'gguf';
  /** Ids run from 0 up to it. */
  readonly size: number;
  /** @throws `bad-input` for what it has no token for, `limit` for a text that is too long. */
  encode(text: string): number[];
  /** What the ids say, without special tokens; ids that it does not have are passed over. */
  decode(ids: readonly number[]): string;
  /** A token by itself: its text with its white space, `<0xE2>` for bytes that are no text alone. Undefined where there is none. */
  name(id: number): string | undefined;
}
