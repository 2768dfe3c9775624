import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-web';
import { type Runner, type RunTensor, StateglassError } from '../src-core/index.ts';

const TYPES = { f32: 'float32', i64: 'int64', bool: 'bool' } as const;

/** onnxruntime-web's WASM in the terminal. Threads share one heap; a second one starts in some milliseconds. */
export function ortRunner(threads = availableParallelism()): Runner {
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return {
    start: async ({ bytes, data }, backend) => {
      if (backend !== 'wasm')
        throw new StateglassError({ kind: 'bad-input', detail: 'the terminal computes on WASM only' });
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: ['wasm'],
        ...(data && { externalData: data.map(({ name, bytes: held }) => ({ path: name, data: held })) }),
      });
      return {
        backend: 'wasm',
        run: async (inputs, outputs) => {
          const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)]));
          const found = await session.run(feeds, outputs as string[]);
          return Object.fromEntries(outputs.map((name) => [name, fromOrt(found[name]!)]));
        },
        release: () => session.release(),
      };
    },
  };
}

const toOrt = ({ dtype, data, shape }: RunTensor): ort.Tensor => new ort.Tensor(TYPES[dtype], data as never, shape);

function fromOrt({ type, data, dims }: ort.Tensor): RunTensor {
  const shape = [...dims];
  if (type === 'float32') return { dtype: 'f32', shape, data: data as Float32Array<ArrayBuffer> };
  if (type === 'int64') return { dtype: 'i64', shape, data: data as BigInt64Array<ArrayBuffer> };
  if (type === 'bool') return { dtype: 'bool', shape, data: data as Uint8Array<ArrayBuffer> };
  throw new StateglassError({ kind: 'internal', detail: `a run gave ${type}` });
}
