import type { SourceHandle } from '../bytes/source.ts';
import type { Task, TaskKind, TaskResults } from '../compute/task.ts';

/** What differs between page and terminal. */

export type TaskProgress = (bytes: number, read: number) => void;

/** Does tasks: Web Workers in the page, worker threads in the terminal, one after the other in tests. */
export interface Pool {
  /** Tasks done at the same time. */
  readonly size: number;
  /**
   * Any number of tasks may be given at once; they are begun in that order. Rejects with `cancelled` when the signal fires.
   * `onProgress` is told bytes of elements done, and bytes read for them, since its last call.
   */
  run<Kind extends TaskKind>(
    task: Task<Kind>,
    signal?: AbortSignal,
    onProgress?: TaskProgress,
  ): Promise<TaskResults[Kind]>;
}

/** Bytes [start, end) of a source. */
export interface SourceRange {
  readonly source: SourceHandle;
  readonly start: number;
  readonly end: number;
}

/** Takes a file that is written: a list of Blobs in the page, a file in the terminal. */
export interface Sink {
  /**
   * Bytes for place `at`: one after the other from 0, but that room left out is filled at the end. The array is the caller's
   * again afterwards.
   */
  write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Takes ranges, one after the other, for place `at` without their being read. False when it cannot: they are written then. */
  copy?(at: number, ranges: readonly SourceRange[]): boolean;
}

/** Where a graph is computed. */
export type Backend = 'webgpu' | 'wasm';

/** Numbers that go into a run or come out of it, in C order. */
export type RunTensor =
  | { readonly dtype: 'f32'; readonly shape: readonly number[]; readonly data: Float32Array<ArrayBuffer> }
  | { readonly dtype: 'i64'; readonly shape: readonly number[]; readonly data: BigInt64Array<ArrayBuffer> }
  /** One byte each, 0 or 1. */
  | { readonly dtype: 'bool'; readonly shape: readonly number[]; readonly data: Uint8Array<ArrayBuffer> };

/** Bytes of an ONNX model, and what it names as external data: bytes, or weights that are held under a key. All are copied. */
export interface OnnxModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly data?: readonly ExternalData[];
}
export type ExternalData = { readonly name: string } & (
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly held: string }
);

/** Numbers that take the place of others: `places` ascend, in C order. */
export interface NumberChange {
  readonly places: Uint32Array<ArrayBuffer>;
  readonly numbers: Float32Array<ArrayBuffer>;
}

/** A GPU as the browser names it, and what its largest buffers hold, in bytes. */
export interface Adapter {
  readonly vendor: string;
  readonly architecture: string;
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}

/** What there is to compute with. */
export interface RunnerFacts {
  /** Absent: there is no WebGPU here, and `why` says so. */
  readonly adapter?: Adapter;
  /** The end of the sentence "runs on WASM because …". */
  readonly why?: string;
  /** Threads of WASM. */
  readonly threads: number;
}

/** Numbers, or those that were held before under a key. */
export type Feed = RunTensor | { readonly held: string };

/** Computes ONNX models: onnxruntime-web in a worker of the page and in the terminal. */
export interface Runner {
  facts(): Promise<RunnerFacts>;
  /** @throws what the runtime says when the model asks for what the backend has not. */
  start(model: OnnxModel, options: StartOptions): Promise<StartedModel>;
  /** Keeps numbers where they are computed with, for any model, until they are released. */
  hold(key: string, tensor: RunTensor, backend: Backend): Promise<void>;
  /** Keeps under `key` what is held under `from`, changed. `move`: without a copy, and nothing is held under `from` afterwards. */
  change(key: string, from: string, change: NumberChange, move: boolean): Promise<void>;
  release(key: string): Promise<void>;
  /** Gives up whatever is computed; started models and held numbers are gone. */
  restart(): Promise<void>;
}

export interface StartOptions {
  readonly backend: Backend;
  /** Measure each node: slower. */
  readonly profile?: boolean;
}

/** What one node took. */
export interface NodeTime {
  /** As the graph names its first output, unless the runtime joined it with others. */
  readonly name: string;
  readonly op: string;
  /** The runtime's own name: `CPUExecutionProvider`, `WebGpuExecutionProvider`. */
  readonly provider: string;
  readonly milliseconds: number;
}

export interface StartedModel {
  readonly backend: Backend;
  /**
   * The values named; `inputs` holds every input of the model. `keep` names further values by keys: they are held under these, in the
   * place of what was, and not given.
   */
  run(
    inputs: Readonly<Record<string, Feed>>,
    outputs: readonly string[],
    keep?: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, RunTensor>>>;
  /** Times of all runs so far, of a model that was started to be measured. It is measured no more. */
  times(): Promise<readonly NodeTime[]>;
  release(): Promise<void>;
}
