import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import type { ByteSource, SourceHandle } from '../bytes/source.ts';
import type { Storage, TensorValue } from '../model/state-dict.ts';
import type { DType } from '../tensor/dtype.ts';
import { StatsJoin, type TensorStats } from '../tensor/stats.ts';
import { eachRun, isDense, planWalk } from '../tensor/walk.ts';
import { GRID_BYTES, joinTasks, planTensor } from './plan.ts';
import { runTask } from './run.ts';

const bytes = new Uint8Array(GRID_BYTES * 2 + 4096);
let state = 7;
for (let i = 0; i < bytes.length; i++) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  bytes[i] = state >>> 24;
}
const inline: Storage = { id: 0, byteLength: bytes.length, endian: 'little', data: { kind: 'inline', bytes } };
const tensor = (dtype: DType, shape: number[], strides?: number[], offset = 0): TensorValue => ({
  type: 'tensor',
  dtype,
  shape,
  offset,
  storage: 0,
  ...(strides && { strides }),
});
const openBuffer = async (handle: SourceHandle): Promise<ByteSource> =>
  bufferSource((handle as Extract<SourceHandle, { kind: 'buffer' }>).bytes, 'test');

/** Gives bytes in chunks of odd sizes, as a network does. */
const openChopped = async (handle: SourceHandle): Promise<ByteSource> => {
  const whole = await openBuffer(handle);
  return {
    ...whole,
    stream(start, end) {
      let at = start;
      return new ReadableStream<Uint8Array<ArrayBuffer>>({
        async pull(controller) {
          const stop = Math.min(end, at + 100_003);
          if (at < end) controller.enqueue(await whole.read(at, stop));
          else controller.close();
          at = stop;
        },
      });
    },
  };
};

async function statsOf(
  value: TensorValue,
  order: (tasks: number) => number[],
  open = openBuffer,
): Promise<TensorStats> {
  const plan = planTensor('stats', value, inline, new Map());
  const partials = new Map(
    await Promise.all(order(plan.tasks.length).map(async (i) => [i, await runTask(plan.tasks[i]!, open)] as const)),
  );
  const join = new StatsJoin(plan.numbers);
  plan.tasks.forEach((_, i) => {
    for (const partial of partials.get(i)!) join.add(partial);
  });
  return join.finish(plan.walk.repeat);
}

const forwards = (n: number) => Array.from({ length: n }, (_, i) => i);

describe.each(['f32', 'bf16', 'f64', 'i64', 'u8'] as const)('%s over several tasks', (dtype) => {
  const width = { f32: 4, bf16: 2, f64: 8, i64: 8, u8: 1 }[dtype];
  const value = tensor(dtype, [bytes.length / width]);

  test('is the same to the last bit in whatever order tasks are done, and however bytes arrive', async () => {
    const plan = planTensor('stats', value, inline, new Map());
    expect(plan.tasks.length).toBe(3);
    const straight = await statsOf(value, forwards);
    expect(await statsOf(value, (n) => forwards(n).reverse())).toEqual(straight);
    expect(await statsOf(value, forwards, openChopped)).toEqual(straight);
  });

  test('is the same cell by cell in tasks of several cells', async () => {
    const { tasks } = planTensor('stats', value, inline, new Map());
    const apart = await Promise.all(tasks.map((task) => runTask(task, openBuffer)));
    expect(apart.map((partials) => partials.length)).toEqual([1, 1, 1]);
    for (const cells of [2, 3, 4]) {
      const joined = joinTasks(tasks, cells);
      expect(joined).toHaveLength(Math.ceil(3 / cells));
      const together = await Promise.all(joined.map((task) => runTask(task, openChopped)));
      expect(together.flat()).toEqual(apart.flat());
    }
  });
});

test('views are gathered as their strides say', async () => {
  const source = new Float32Array(bytes.buffer, 0, 4096).map((_, i) => Math.sin(i * i));
  const storage: Storage = {
    ...inline,
    byteLength: source.byteLength,
    data: { kind: 'inline', bytes: new Uint8Array(source.buffer) },
  };
  const dims = fc.array(fc.record({ size: fc.integer({ min: 1, max: 5 }), stride: fc.integer({ min: -9, max: 40 }) }), {
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(dims, fc.integer({ min: 200, max: 2000 }), async (parts, offset) => {
      const value = tensor(
        'f32',
        parts.map((part) => part.size),
        parts.map((part) => part.stride),
        offset,
      );
      const wanted = elementsOf(value).map((at) => source[at]!);
      const plan = planTensor('stats', value, storage, new Map());
      const join = new StatsJoin(plan.numbers);
      for (const task of plan.tasks) for (const partial of await runTask(task, openBuffer)) join.add(partial);
      const stats = join.finish(plan.walk.repeat);
      expect(stats.count).toBe(wanted.length);
      expect(stats.min).toBe(Math.min(...wanted));
      expect(stats.max).toBe(Math.max(...wanted));
      expect(stats.l1).toBeCloseTo(
        wanted.reduce((sum, x) => sum + Math.abs(x), 0),
        9,
      );
      const logical = planTensor('digest', value, storage, new Map());
      const visited = [...eachRun(logical.walk, 0, logical.walk.count)].length;
      expect(visited).toBeLessThanOrEqual(wanted.length);
      const digest = await runTask(logical.tasks[0]!, openBuffer);
      const packed = new Uint8Array(Float32Array.from(wanted).buffer);
      expect(digest).toEqual(new Uint8Array(await crypto.subtle.digest('SHA-256', packed)));
    }),
    { numRuns: 150 },
  );
});

function elementsOf({ shape, strides = [], offset }: TensorValue): number[] {
  return shape.reduce<number[]>(
    (places, size, dim) => places.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * strides[dim]!)),
    [offset],
  );
}

test('a transposed matrix is one run, an expanded dimension is visited once', () => {
  expect(isDense(planWalk({ shape: [90, 120], strides: [1, 90], offset: 5 }, 'storage'))).toBe(true);
  expect(isDense(planWalk({ shape: [90, 120], strides: [1, 90], offset: 5 }, 'logical'))).toBe(false);
  const walk = planWalk({ shape: [2 ** 40, 3], strides: [0, 1], offset: 0 }, 'storage');
  expect(walk).toMatchObject({ count: 3, repeat: 2 ** 40 });
});

test('a view that leaves its storage, and bytes that end early, are errors', async () => {
  expect(() => planTensor('stats', tensor('f32', [2 ** 30]), inline, new Map())).toThrow('do not lie in a storage');
  expect(() => planTensor('stats', tensor('u8', [4], [-1], 2), inline, new Map())).toThrow('do not lie in a storage');
  expect(() => planTensor('stats', tensor('f6_e2m3', [8]), inline, new Map())).toThrow('6-bit');
  const plan = planTensor('stats', tensor('u8', [600_000]), inline, new Map());
  const short = async (handle: SourceHandle) => ({
    ...(await openBuffer(handle)),
    stream: () => new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => controller.close() }),
  });
  await expect(runTask(plan.tasks[0]!, short)).rejects.toMatchObject({ info: { kind: 'source' } });
});

test('a task that is cancelled ends before its end', async () => {
  const plan = planTensor('stats', tensor('u8', [GRID_BYTES]), inline, new Map());
  const cancel = new AbortController();
  let done = 0;
  const run = runTask(plan.tasks[0]!, openBuffer, {
    signal: cancel.signal,
    onProgress: (more) => {
      done += more;
      cancel.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ info: { kind: 'cancelled' } });
  expect(done).toBeLessThan(GRID_BYTES / 2);
});
