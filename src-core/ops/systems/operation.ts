import type { Problem } from '../../model/state-dict.ts';
import type { Arguments } from './arguments.ts';
import type { Datum } from './data.ts';

export type SystemName = 'msgflux' | 'inox' | 'nnx' | 'max' | 'caten' | 'torch' | 'dspy' | 'any';

/** One operation of a system: pure, and the whole of it said in data, so that it can be run from a terminal. */
export interface Operation {
  /** `nnx.split_state`: the system, and its own name for it. */
  readonly id: string;
  readonly system: SystemName;
  readonly summary: string;
  readonly args: readonly ArgumentSpec[];
  /** Throws `raised` where the system raises, `bad-input` where the arguments make no sense. */
  run(args: Arguments): Outcome;
}

/** An argument by its name, and what it is in a few words. */
export interface ArgumentSpec {
  readonly name: string;
  readonly about: string;
  readonly optional?: true;
}

export interface Outcome {
  readonly result: Datum;
  /** What the system says nothing of: keys that collide, an argument that it would have changed in place… */
  readonly problems: readonly Problem[];
}

export const need = (name: string, about: string): ArgumentSpec => ({ name, about });
export const may = (name: string, about: string): ArgumentSpec => ({ name, about, optional: true });
export const outcome = (result: Datum, problems: readonly Problem[] = []): Outcome => ({ result, problems });

export const warning = (code: string, message: string): Problem => ({ code, severity: 'warning', message });
export const note = (code: string, message: string): Problem => ({ code, severity: 'note', message });
/** The real one changes its argument; here the changed one is the result. */
export const inPlace = (system: string, argument: string, returns: string): Problem =>
  note(
    'in-place',
    `${system} changes its argument "${argument}" and returns ${returns}; here the result is the changed copy.`,
  );
