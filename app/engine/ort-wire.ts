import type {
  Backend,
  ErrorInfo,
  Feed,
  NodeTime,
  NumberChange,
  OnnxModel,
  RunnerFacts,
  RunTensor,
  StartOptions,
} from '../../src-core/index.ts';

/** What the engine asks of the worker that computes graphs, and what comes back. */
export interface OrtApi {
  facts(): Promise<RunnerFacts>;
  start(model: OnnxModel, options: StartOptions): Promise<number>;
  hold(key: string, tensor: RunTensor, backend: Backend): Promise<void>;
  change(key: string, from: string, change: NumberChange, move: boolean): Promise<void>;
  release(key: string): Promise<void>;
  run(
    session: number,
    inputs: Readonly<Record<string, Feed>>,
    outputs: readonly string[],
    keep?: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, RunTensor>>>;
  times(session: number): Promise<readonly NodeTime[]>;
  end(session: number): Promise<void>;
}

export type ToOrt = { readonly call: number; readonly method: keyof OrtApi; readonly args: readonly unknown[] };
export type FromOrt =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly error: ErrorInfo };
