import type { ErrorInfo } from '../base/errors.ts';
import type { StateDict } from '../model/state-dict.ts';

/**
 * States of other documents that edits take values from, by the names that args have for them. Their bytes are in files of the
 * document that is edited.
 */
export type Donors = ReadonlyMap<string, StateDict>;

export const NO_DONORS: Donors = new Map();

/**
 * One way to edit a state dict: a file in `verbs/` and a line in the registry. Pure, and quick whatever the tensors' size: what has
 * to be computed becomes a derived storage. `args` are plain JSON and name entries by their keys, so that they make sense
 * in another file too.
 */
export interface Op<Args> {
  readonly id: string;
  /** What the act does to this state, for people: `Rename a.b to c.b`. */
  title(args: Args, state: StateDict, donors: Donors): string;
  /** Reads args that came from outside. Throws `bad-input` for what is not of this op. */
  parse(args: unknown): Args;
  /** Why it cannot be applied to this state. All donors that it names are there. */
  check(state: StateDict, args: Args, donors?: Donors): ErrorInfo | undefined;
  /** The state afterwards; the same object when nothing changes. Only called when `check` has no objection. */
  apply(state: StateDict, args: Args, donors?: Donors): StateDict;
}
