import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { StateglassError } from '../../base/errors.ts';
import { nodeSource } from '../../bytes/node.ts';
import { findNode } from '../../model/find-node.ts';
import { buildTree } from '../../model/tree.ts';
import { openFiles } from '../open.ts';
import type { Backend, Runner } from '../ports.ts';
import { ModuleRuns } from './module-runs.ts';
import type { RunRequest } from './run-request.ts';

const ADAPTER = { vendor: 'made', architecture: 'up', maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 28 };

/** A runner whose WebGPU does what `gpu` says, with WASM. */
async function openRunner(gpu: () => void) {
  const wasm = await ortRunner();
  const started: Backend[] = [];
  const restarts: number[] = [];
  const runner: Runner = {
    ...wasm,
    facts: async () => ({ adapter: ADAPTER, threads: 1 }),
    start: async (model, options) => {
      started.push(options.backend);
      if (options.backend === 'webgpu') gpu();
      return { ...(await wasm.start(model, { ...options, backend: 'wasm' })), backend: options.backend };
    },
    hold: (key, tensor) => wasm.hold(key, tensor, 'wasm'),
    restart: async () => {
      restarts.push(started.length);
      await wasm.restart();
    },
  };
  return { runner, started, restarts };
}

async function openLinear() {
  const { documents } = await openFiles([
    { id: 'a', source: await nodeSource('public/examples/digits-final.safetensors') },
  ]);
  const document = documents[0]!;
  const tree = buildTree(document.state.entries.columns());
  const input = { dtype: 'f32', shape: [1, 96], data: new Float32Array(96) } as const;
  return { document, tree, request: { node: findNode(tree, 'classifier.3')!, inputs: { input } } satisfies RunRequest };
}

test('WebGPU that failed for a module is not tried at its next run, but when it is asked for again', async () => {
  const { document, tree, request } = await openLinear();
  let works = false;
  const { runner, started, restarts } = await openRunner(() => {
    if (!works) throw new StateglassError({ kind: 'internal', detail: 'no such kernel' });
  });
  const runs = new ModuleRuns(runner);
  const run = async (more: Partial<RunRequest> = {}) => {
    started.length = 0;
    const { backend, why, gpuFailed } = await runs.run(document, tree, { ...request, ...more });
    return { backend, why, gpuFailed, tried: started.includes('webgpu') };
  };
  const failed = { backend: 'wasm', gpuFailed: true };
  expect(await run()).toEqual({ ...failed, why: 'WebGPU failed: no such kernel', tried: true });
  expect(await run()).toEqual({ ...failed, why: 'WebGPU failed before: no such kernel', tried: false });
  expect(await run({ attempt: 1 })).toEqual({ ...failed, why: 'WebGPU failed: no such kernel', tried: true });
  works = true;
  expect(await run({ attempt: 1 })).toMatchObject({ ...failed, tried: false });
  expect(restarts).toHaveLength(1);
  expect(await run({ attempt: 2 })).toEqual({ backend: 'webgpu', why: undefined, gpuFailed: undefined, tried: true });
});

test('a person who asks for WebGPU by name has it tried', async () => {
  const { document, tree, request } = await openLinear();
  let works = false;
  const { runner } = await openRunner(() => {
    if (!works) throw new StateglassError({ kind: 'internal', detail: 'no such kernel' });
  });
  const runs = new ModuleRuns(runner);
  expect((await runs.run(document, tree, request)).backend).toBe('wasm');
  works = true;
  expect((await runs.run(document, tree, { ...request, backend: 'webgpu' })).backend).toBe('webgpu');
});

test('a device that was lost is asked for once more', async () => {
  const { document, tree, request } = await openLinear();
  let losses = 1;
  const { runner, started } = await openRunner(() => {
    if (losses-- > 0) throw new StateglassError({ kind: 'internal', detail: 'the WebGPU device was lost: it crashed' });
  });
  const answer = await new ModuleRuns(runner).run(document, tree, request);
  expect([answer.backend, answer.why]).toEqual(['webgpu', undefined]);
  expect(started).toEqual(['webgpu', 'webgpu']);
});
