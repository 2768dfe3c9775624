import type { Assumption } from '../../graph/assumptions.ts';
import type { Backend, NodeTime, RunTensor } from '../ports.ts';
import type { WantedBackend } from './choose-backend.ts';
import type { ModuleChoice } from './describe-run.ts';
import type { Beside } from './late-binding.ts';

export interface RunRequest extends Omit<ModuleChoice, 'shapes'> {
  /** A sample for every input. */
  readonly inputs: Readonly<Record<string, RunTensor>>;
  /** Paths of modules inside whose outputs are wanted too. */
  readonly taps?: readonly string[];
  /** `auto` when absent. */
  readonly backend?: WantedBackend;
  /** Measure each node. */
  readonly profile?: boolean;
  /** Other weights that are run too, on the same sample, to be held against these. */
  readonly beside?: Beside;
  /** WebGPU that failed for a module is tried again when this is another number than it was then; 0 when absent. */
  readonly attempt?: number;
}

export interface RunOutput {
  readonly label: string;
  readonly tensor: RunTensor;
  /** The entry, below the module, whose new value it is. */
  readonly updates?: string;
}

/** Milliseconds. Starting and weights are near zero when they are still there from an earlier run. */
export interface RunTimes {
  readonly start: number;
  readonly weights: number;
  readonly run: number;
}

export interface RunAnswer {
  readonly path: string;
  readonly kind: string;
  readonly assumptions: readonly Assumption[];
  readonly backend: Backend;
  /** Why it is not WebGPU, as the end of "runs on WASM because …". */
  readonly why?: string;
  /** WebGPU was tried and failed, now or before. */
  readonly gpuFailed?: true;
  readonly outputs: readonly RunOutput[];
  /** What the modules inside gave, by path below the module. */
  readonly taps: Readonly<Record<string, RunTensor>>;
  readonly times: RunTimes;
  readonly nodes?: readonly NodeTime[];
}
