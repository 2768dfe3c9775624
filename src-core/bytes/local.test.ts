import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorInfo, StateglassError } from '../base/errors.ts';
import { blobSource } from './blob.ts';
import { bufferSource } from './buffer.ts';
import { cachedSource } from './cached.ts';
import { countingSource } from './counting.ts';
import { nodeSource, openNodeHandle } from './node.ts';
import { openHandle } from './open-handle.ts';
import type { ByteReader, ByteSource } from './source.ts';
import { windowSource } from './window.ts';

/** Longer than every chunk and block, and no two blocks alike. */
const BYTES = Uint8Array.from({ length: 9 * 2 ** 20 + 17 }, (_, i) => (i * 31 + (i >> 8) * 7 + (i >> 16)) & 0xff);
let folder = '';
let path = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stateglass-'));
  path = join(folder, 'some.bin');
  await writeFile(path, BYTES);
});
afterAll(() => rm(folder, { recursive: true }));

const SOURCES: Readonly<Record<string, () => Promise<ByteSource> | ByteSource>> = {
  buffer: () => bufferSource(BYTES.slice(), 'some.bin'),
  blob: () => blobSource(new Blob([BYTES]), 'some.bin'),
  node: () => nodeSource(path),
  counting: () => countingSource(bufferSource(BYTES.slice(), 'some.bin')),
  cached: () => cachedSource(bufferSource(BYTES.slice(), 'some.bin')),
  window: () => {
    const around = new Uint8Array(BYTES.length + 20);
    around.set(BYTES, 9);
    return windowSource(bufferSource(around, 'around.bin'), 9, BYTES.length, 'some.bin');
  },
};

const infoOf = async (promise: Promise<unknown>): Promise<ErrorInfo> => {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof StateglassError)) throw new Error(`no StateglassError but ${error}`);
  return error.info;
};
/** Compares without printing nine million numbers. */
const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

async function collect(walked: ByteReader | ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  if (walked instanceof ReadableStream) for await (const chunk of walked) chunks.push(chunk);
  else {
    // Neither a chunk of any source nor a part of one.
    const into = new Uint8Array(100_003);
    for (;;) {
      const got = await walked.readInto(into);
      if (got === 0) break;
      chunks.push(into.slice(0, got));
    }
    walked.close();
  }
  return Buffer.concat(chunks);
}

/** What a source has for scans. */
const walk = (source: ByteSource, start: number, end: number, signal?: AbortSignal) =>
  source.reader?.(start, end, signal) ?? source.stream!(start, end, signal);

describe.each(Object.entries(SOURCES))('%s', (_, open) => {
  it('knows its name and size', async () => {
    const source = await open();
    expect([source.name, source.size]).toEqual(['some.bin', BYTES.length]);
  });

  it.each([
    [0, 0],
    [0, 1],
    [5, 4096],
    [2 ** 18 - 1, 2 ** 18 + 1],
    [4 * 2 ** 20 - 3, 8 * 2 ** 20 + 5],
    [BYTES.length - 1, BYTES.length],
    [BYTES.length, BYTES.length],
    [0, BYTES.length],
  ])('reads [%i, %i) and walks the same', async (start, end) => {
    const source = await open();
    expect(isSame(await source.read(start, end), BYTES.subarray(start, end))).toBe(true);
    expect(isSame(await collect(walk(source, start, end)), BYTES.subarray(start, end))).toBe(true);
  });

  it.each([
    [-1, 1],
    [2, 1],
    [0, BYTES.length + 1],
    [0.5, 1],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
  ])('refuses [%d, %d)', async (start, end) => {
    const source = await open();
    expect((await infoOf(source.read(start, end))).kind).toBe('source');
    expect(() => walk(source, start, end)).toThrow(StateglassError);
  });

  it('stops for a signal', async () => {
    const source = await open();
    const signal = AbortSignal.abort();
    expect((await infoOf(source.read(0, 10, signal))).kind).toBe('cancelled');
    expect((await infoOf(collect(walk(source, 0, BYTES.length, signal)))).kind).toBe('cancelled');
  });

  it('gives bytes that may be written to', async () => {
    const source = await open();
    (await source.read(0, 4)).fill(0);
    expect(isSame(await source.read(0, 4), BYTES.subarray(0, 4))).toBe(true);
  });

  it('opens again from its handle after a clone', async () => {
    const again = await openNodeHandle(structuredClone((await open()).handle));
    expect(again.name).toBe('some.bin');
    expect(isSame(await again.read(100, 5000), BYTES.subarray(100, 5000))).toBe(true);
  });
});

describe('a file on disk', () => {
  it('is an error once it has changed', async () => {
    const changing = join(folder, 'changing.bin');
    await writeFile(changing, 'aaaaaaaa');
    const source = await nodeSource(changing);
    await writeFile(changing, 'bbbbbbbbbbbb');
    const info = await infoOf(source.read(0, 8));
    expect(info).toMatchObject({ kind: 'source', detail: expect.stringContaining('changed on disk') });
  });

  it('is an error when it is not there, or is a folder', async () => {
    expect(await infoOf(nodeSource(join(folder, 'nothing')))).toMatchObject({
      kind: 'source',
      detail: 'there is no such file',
    });
    expect(await infoOf(nodeSource(folder))).toMatchObject({
      kind: 'source',
      detail: expect.stringContaining('folder'),
    });
  });

  it('cannot be opened by path outside Node', async () => {
    expect((await infoOf(openHandle({ kind: 'path', path, name: 'some.bin' }))).kind).toBe('source');
  });
});

describe('a dropped file', () => {
  it('that changed on disk is a source error with a way out', async () => {
    const gone = new Blob([BYTES.subarray(0, 100)]);
    const broken = Object.assign(gone, {
      slice: () => ({
        size: 4,
        arrayBuffer: () => Promise.reject(new DOMException('changed', 'NotReadableError')),
        stream: () =>
          new ReadableStream({ pull: () => Promise.reject(new DOMException('changed', 'NotReadableError')) }),
      }),
    });
    const source = blobSource(broken, 'model.bin');
    const wanted = {
      kind: 'source',
      file: 'model.bin',
      detail: expect.stringContaining('changed on disk'),
      advice: 'Open it again',
    };
    expect(await infoOf(source.read(0, 4))).toMatchObject(wanted);
    expect(await infoOf(collect(source.reader!(0, 4)))).toMatchObject(wanted);
  });

  it('that comes back short is a source error', async () => {
    const short = Object.assign(new Blob([BYTES.subarray(0, 100)]), { slice: () => new Blob([BYTES.subarray(0, 2)]) });
    expect((await infoOf(blobSource(short, 'model.bin').read(0, 4))).kind).toBe('source');
    expect(await infoOf(collect(blobSource(short, 'model.bin').reader!(0, 4)))).toMatchObject({
      kind: 'source',
      detail: '4 bytes were asked for, 2 came',
    });
  });
});

describe('a window', () => {
  it('has to lie inside its source', () => {
    const source = bufferSource(new Uint8Array(10), 'x');
    expect(() => windowSource(source, 4, 7)).toThrow(StateglassError);
    expect(() => windowSource(source, -1, 3)).toThrow(StateglassError);
  });

  it('of a source without streams has none', () => {
    const { stream: _, ...plain } = bufferSource(new Uint8Array(10), 'x');
    expect(windowSource(plain, 0, 4).stream).toBeUndefined();
  });
});

describe('a counted source', () => {
  it('counts reads and streams', async () => {
    const source = countingSource(bufferSource(BYTES.slice(), 'x'));
    await source.read(10, 30);
    await collect(source.stream!(0, 100));
    expect(source.bytesRead).toBe(120);
  });
});

describe('a cached source', () => {
  const spy = () => {
    const asked: [number, number][] = [];
    const of = bufferSource(BYTES.slice(0, 100), 'x');
    const source: ByteSource = {
      ...of,
      read(start, end, signal) {
        asked.push([start, end]);
        return of.read(start, end, signal);
      },
    };
    return { asked, source };
  };

  it('asks once for what several want at the same time, in one request for neighbours', async () => {
    const { asked, source } = spy();
    const cache = cachedSource(source, { blockBytes: 10, maxBytes: 100 });
    const [a, b] = await Promise.all([cache.read(5, 35), cache.read(8, 12)]);
    expect(asked).toEqual([[0, 40]]);
    expect([isSame(a, BYTES.subarray(5, 35)), isSame(b, BYTES.subarray(8, 12))]).toEqual([true, true]);
    await cache.read(0, 50);
    expect(asked).toEqual([
      [0, 40],
      [40, 50],
    ]);
    expect(cache.bytesRead).toBe(50);
  });

  it('forgets the block used least recently, and stays right', async () => {
    const { asked, source } = spy();
    const cache = cachedSource(source, { blockBytes: 10, maxBytes: 40 });
    for (const start of [0, 10, 20, 30]) await cache.read(start, start + 10);
    await cache.read(0, 10);
    await cache.read(40, 50);
    expect(asked.length).toBe(5);
    await cache.read(0, 10);
    expect(asked.length).toBe(5);
    expect(isSame(await cache.read(10, 20), BYTES.subarray(10, 20))).toBe(true);
    expect(asked.length).toBe(6);
  });

  it('does not keep large reads', async () => {
    const { asked, source } = spy();
    const cache = cachedSource(source, { blockBytes: 10, maxBytes: 40 });
    await cache.read(0, 90);
    await cache.read(0, 90);
    expect(asked).toEqual([
      [0, 90],
      [0, 90],
    ]);
  });

  it('asks again after a failure', async () => {
    const of = bufferSource(BYTES.slice(0, 100), 'x');
    let fails = true;
    const cache = cachedSource({
      ...of,
      read: (start, end) => (fails ? Promise.reject(new Error('lost')) : of.read(start, end)),
    });
    await expect(cache.read(0, 10)).rejects.toThrow('lost');
    fails = false;
    expect(isSame(await cache.read(0, 10), BYTES.subarray(0, 10))).toBe(true);
  });

  it('lets one caller go and serves the other', async () => {
    const of = bufferSource(BYTES.slice(0, 100), 'x');
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const cache = cachedSource({ ...of, read: (start, end) => gate.then(() => of.read(start, end)) });
    const controller = new AbortController();
    const stopped = infoOf(cache.read(0, 10, controller.signal));
    const served = cache.read(0, 10);
    controller.abort();
    expect((await stopped).kind).toBe('cancelled');
    release();
    expect(isSame(await served, BYTES.subarray(0, 10))).toBe(true);
  });
});

describe('a cached source whose readers leave', () => {
  it('ends a request when the last of them has gone, and asks anew for the next', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const slow: ByteSource = {
      ...bufferSource(new Uint8Array(100), 'slow.bin'),
      read: (start, end, signal) => {
        signals.push(signal);
        return new Promise((resolve, reject) => {
          const timer = setTimeout(() => resolve(new Uint8Array(end - start)), 50);
          signal?.addEventListener('abort', () => {
            clearTimeout(timer);
            reject(new StateglassError({ kind: 'cancelled' }));
          });
        });
      },
    };
    const cache = cachedSource(slow, { blockBytes: 10, maxBytes: 100 });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = cache.read(0, 5, one.signal).catch((e: StateglassError) => e.info.kind);
    const second = cache.read(3, 9, two.signal).catch((e: StateglassError) => e.info.kind);
    one.abort();
    expect(await first).toBe('cancelled');
    expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
    two.abort();
    expect(await second).toBe('cancelled');
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
    expect((await cache.read(0, 10)).length).toBe(10);
    expect(signals).toHaveLength(2);
  });
});
