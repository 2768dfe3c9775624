/**
 * A key as parts and as text. Both are kept: flax.nnx has the integer 0 beside the text "0", inox key text cannot be
 * inverted, and parts with a dot inside exist in the wild.
 */
export interface KeyPath {
  /** [] is legal: inox's root entry. A number is a list position or an integer dict key. */
  readonly parts: readonly PathPart[];
  /** Same length as `parts`. */
  readonly kinds: readonly PartKind[];
  /** The text exactly as stored; null when the source nests its keys and has no such text. */
  readonly raw: string | null;
  /** Other readings of `raw`, where its syntax does not decide. */
  readonly ambiguous?: readonly (readonly PathPart[])[];
}

export type PathPart = string | number;

/** `attr` .weight · `key` ['b'] · `index` [0] · `flat` key-less position · `unknown` a part of flat text such as `a.0.b`. */
export type PartKind = 'attr' | 'key' | 'index' | 'flat' | 'unknown';

/** One way of writing keys. `format(parse(raw)) === raw` is a law for every text. */
export interface KeySyntax {
  readonly id: 'dotted' | 'slash-separated' | 'keystr' | 'tuple' | 'dspy';
  /** Total: never throws; text it does not understand becomes one `unknown` part. */
  parse(raw: string): KeyPath;
  /** The stored text where there is one, else the parts written in this syntax. */
  format(path: KeyPath): string;
  /** Whether a container whose keys look like `sample` is written in this syntax. */
  recognises(sample: readonly string[]): boolean;
}
