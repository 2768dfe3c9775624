/**
 * The worker that computes graphs: the one door to onnxruntime-web. The runtime is fetched when the first graph is started, the
 * one for WebGPU or the smaller one for WASM alone.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import plainWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import {
  type Backend,
  type ExternalData,
  type Feed,
  type NumberChange,
  putNumbers,
  RUNTIME_TYPES,
  type RunnerFacts,
  type RunTensor,
  readNodeTimes,
  readRuntimeTensor,
  StateglassError,
  toErrorInfo,
} from '../../src-core/index.ts';
import type { FromOrt, OrtApi, ToOrt } from './ort-wire.ts';

type Runtime = typeof import('onnxruntime-web');

/** More threads than this gain nothing on graphs of this size. */
const MOST_THREADS = 8;
const threads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1) : 1;

/** The runtime prints its profile; it takes `console.log` when it is loaded. */
const printed: string[] = [];
let isListening = false;
// biome-ignore lint/suspicious/noConsole: the runtime has no other way to give its profile.
const print = console.log.bind(console);
console.log = (...words: unknown[]) => {
  if (isListening) printed.push(words.join(' '));
  else print(...words);
};

const runtimes = new Map<Backend, Promise<Runtime>>();
const sessions = new Map<number, { session: InferenceSession; backend: Backend }>();
const held = new Map<string, Tensor>();
let nextSession = 1;
let lost: string | undefined;

function load(backend: Backend): Promise<Runtime> {
  const known = runtimes.get(backend);
  if (known) return known;
  const loading = backend === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm');
  const ready = loading.then((ort) => {
    ort.env.wasm.wasmPaths = { wasm: backend === 'webgpu' ? asyncifyWasm : plainWasm };
    ort.env.wasm.numThreads = threads;
    ort.env.logLevel = 'error';
    return ort;
  });
  runtimes.set(backend, ready);
  return ready;
}

async function findAdapter(): Promise<RunnerFacts> {
  if (!navigator.gpu) return { why: 'this browser has no WebGPU', threads };
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) return { why: 'the browser offers no WebGPU adapter on this machine', threads };
  const { vendor, architecture } = adapter.info;
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return { adapter: { vendor, architecture, maxBufferSize, maxStorageBufferBindingSize }, threads };
}

const api: OrtApi = {
  facts: findAdapter,
  async start({ bytes, data }, { backend, profile = false }) {
    const ort = await load(backend);
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: [backend],
      enableProfiling: profile,
      ...(data && { externalData: data.map((item) => ({ path: item.name, data: bytesOf(item) })) }),
    });
    if (backend === 'webgpu') await watchDevice(ort);
    sessions.set(nextSession, { session, backend });
    return nextSession++;
  },
  async hold(key, tensor, backend) {
    const ort = await load(backend);
    held.get(key)?.dispose();
    held.set(key, backend === 'webgpu' ? await upload(ort, tensor) : toOrt(ort, tensor));
  },
  async change(key, from, change, move) {
    const tensor = findHeld(from);
    if (move) held.delete(from);
    held.set(key, await (tensor.location === 'gpu-buffer' ? changeOnGpu : changeHere)(tensor, change, move));
  },
  async release(key) {
    held.get(key)?.dispose();
    held.delete(key);
  },
  async run(id, inputs, outputs, keep = {}) {
    const { session, backend } = find(id);
    const ort = await load(backend);
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, feed]) => [name, feedOf(ort, feed)]));
    try {
      const found = await session.run(feeds, [...outputs, ...Object.values(keep)]);
      for (const [key, name] of Object.entries(keep)) {
        held.get(key)?.dispose();
        held.set(key, found[name] as Tensor);
      }
      return Object.fromEntries(outputs.map((name) => [name, readRuntimeTensor(found[name] as Tensor)]));
    } catch (error) {
      if (lost === undefined) throw error;
      throw new StateglassError({ kind: 'internal', detail: `the WebGPU device was lost: ${lost}` });
    }
  },
  async times(id) {
    const { session } = find(id);
    isListening = true;
    try {
      session.endProfiling();
    } finally {
      isListening = false;
    }
    return readNodeTimes(printed.splice(0).join('\n'));
  },
  async end(id) {
    await sessions.get(id)?.session.release();
    sessions.delete(id);
  },
};

function find(id: number) {
  const found = sessions.get(id);
  if (!found) throw new StateglassError({ kind: 'internal', detail: 'the model was ended' });
  return found;
}

const feedOf = (ort: Runtime, feed: Feed): Tensor => ('held' in feed ? findHeld(feed.held) : toOrt(ort, feed));

function findHeld(key: string): Tensor {
  const tensor = held.get(key);
  if (!tensor) throw new StateglassError({ kind: 'internal', detail: `${key} is not held` });
  return tensor;
}

function bytesOf(item: ExternalData): Uint8Array {
  if ('bytes' in item) return item.bytes;
  const { buffer, byteOffset, byteLength } = findHeld(item.held).data as Float32Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const toOrt = (ort: Runtime, { dtype, data, shape }: RunTensor): Tensor =>
  new ort.Tensor(RUNTIME_TYPES[dtype], data as never, shape);

async function changeHere({ data, dims }: Tensor, change: NumberChange, move: boolean): Promise<Tensor> {
  const numbers = data as Float32Array<ArrayBuffer>;
  const changed = move ? numbers : numbers.slice();
  putNumbers(changed, change);
  return toOrt(await load('wasm'), { dtype: 'f32', data: changed, shape: dims });
}

/** GPUBufferUsage.STORAGE, COPY_DST and COPY_SRC. */
const WEIGHT_USAGE = 0x80 | 0x08 | 0x04;

/** Weights lie on the GPU once, not once for each run. */
async function upload(ort: Runtime, { dtype, data, shape }: RunTensor): Promise<Tensor> {
  const device = await ort.env.webgpu.device;
  // The runtime's shaders read four numbers at once: a smaller buffer fails their validation.
  const size = Math.max(16, Math.ceil(data.byteLength / 16) * 16);
  const buffer = device.createBuffer({ size, usage: WEIGHT_USAGE, mappedAtCreation: true });
  new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  buffer.unmap();
  return tensorOn(ort, buffer, RUNTIME_TYPES[dtype], shape);
}

const tensorOn = (ort: Runtime, buffer: GPUBuffer, dataType: 'float32' | 'int64' | 'bool', dims: readonly number[]) =>
  ort.Tensor.fromGpuBuffer(buffer, { dataType, dims, dispose: () => buffer.destroy() });

async function changeOnGpu(tensor: Tensor, { places, numbers }: NumberChange, move: boolean): Promise<Tensor> {
  const ort = await load('webgpu');
  const device = await ort.env.webgpu.device;
  const before = tensor.gpuBuffer as GPUBuffer;
  const { size } = before;
  const buffer = move ? before : device.createBuffer({ size, usage: WEIGHT_USAGE });
  if (!move) {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(before, 0, buffer, 0, size);
    device.queue.submit([encoder.finish()]);
  }
  // Numbers that lie side by side are written at once.
  for (let from = 0, to = 1; from < places.length; from = to++) {
    while (to < places.length && places[to]! - places[from]! === to - from) to++;
    device.queue.writeBuffer(buffer, 4 * places[from]!, numbers, from, to - from);
  }
  return move ? tensor : tensorOn(ort, buffer, 'float32', tensor.dims);
}

let watched: unknown;
async function watchDevice(ort: Runtime): Promise<void> {
  const device = await ort.env.webgpu.device;
  if (device === watched) return;
  watched = device;
  void device.lost.then(({ message, reason }) => {
    lost = message || reason || 'for no known reason';
  });
}

const post = (message: FromOrt, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

self.addEventListener('message', async ({ data: { call, method, args } }: MessageEvent<ToOrt>) => {
  try {
    const value = await (api[method] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
    post({ call, value });
  } catch (error) {
    post({ call, error: toErrorInfo(error) });
  }
});
