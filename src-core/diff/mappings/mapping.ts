import type { RenameRule } from '../../model/keys/rename-rules.ts';

/**
 * Names of one system as another writes them. The rules are in order, each working on what those before it made, and are plain
 * rename rules: they can be made an edit as they are.
 */
export interface Mapping {
  readonly id: string;
  /** For people: `PyTorch ↔ GGUF (Llama)`. */
  readonly title: string;
  /** From the left system's names to the right one's, and back. */
  readonly toRight: readonly RenameRule[];
  readonly toLeft: readonly RenameRule[];
  /** What keys of each system look like that the other's do not. A mapping is tried where both sides have some. */
  readonly left: RegExp;
  readonly right: RegExp;
  /** Weights whose axes one side has in another order. */
  readonly layout?: LayoutRule;
}

export interface LayoutRule {
  /** By the key on either side. */
  readonly of: RegExp;
  /** What to take where all of them are square, so that shapes cannot tell. */
  readonly otherwise: 'transposed' | 'same';
}

/** What a wrapper puts around every key: taken away on each side by itself. */
export interface Wrapper {
  readonly id: string;
  readonly title: string;
  /** Takes the wrapper away. */
  readonly strip: RegExp;
  /** `every`: only where all keys of tensors have it, because the word may be a module's own name as well. */
  readonly when: 'every' | 'any';
}
