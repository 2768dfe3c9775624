import { availableParallelism } from 'node:os';
import type { Tensor } from 'onnxruntime-web';
import {
  type ExternalData,
  type Feed,
  putNumbers,
  RUNTIME_TYPES,
  type Runner,
  type RunTensor,
  readRuntimeTensor,
  StateglassError,
} from '../src-core/index.ts';

/** onnxruntime-web's WASM in the terminal; loaded by the command that runs. */
export async function ortRunner(threads: number = availableParallelism()): Promise<Runner> {
  const ort = await import('onnxruntime-web');
  const toOrt = ({ dtype, data, shape }: RunTensor): Tensor =>
    new ort.Tensor(RUNTIME_TYPES[dtype], data as never, shape);
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  const held = new Map<string, Tensor>();
  const feedOf = (feed: Feed): Tensor => ('held' in feed ? (held.get(feed.held) as Tensor) : toOrt(feed));
  const bytesOf = (item: ExternalData): Uint8Array => {
    if ('bytes' in item) return item.bytes;
    const { buffer, byteOffset, byteLength } = (held.get(item.held) as Tensor).data as Float32Array;
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
  return {
    facts: async () => ({ why: 'the terminal has no WebGPU', threads }),
    hold: async (key, tensor) => void held.set(key, toOrt(tensor)),
    change: async (key, from, change, move) => {
      const { data, dims } = held.get(from) as Tensor;
      const numbers = data as Float32Array<ArrayBuffer>;
      const changed = move ? numbers : numbers.slice();
      putNumbers(changed, change);
      if (move) held.delete(from);
      held.set(key, toOrt({ dtype: 'f32', data: changed, shape: dims }));
    },
    release: async (key) => void held.delete(key),
    restart: async () => held.clear(),
    start: async ({ bytes, data }, { profile }) => {
      if (profile) throw new StateglassError({ kind: 'bad-input', detail: 'the terminal does not measure nodes' });
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: ['wasm'],
        ...(data && { externalData: data.map((item) => ({ path: item.name, data: bytesOf(item) })) }),
      });
      return {
        backend: 'wasm',
        run: async (inputs, outputs, keep = {}) => {
          const feeds = Object.fromEntries(Object.entries(inputs).map(([name, feed]) => [name, feedOf(feed)]));
          const found = await session.run(feeds, [...outputs, ...Object.values(keep)]);
          for (const [key, name] of Object.entries(keep)) held.set(key, found[name] as Tensor);
          return Object.fromEntries(outputs.map((name) => [name, readRuntimeTensor(found[name] as Tensor)]));
        },
        times: async () => [],
        release: () => session.release(),
      };
    },
  };
}
