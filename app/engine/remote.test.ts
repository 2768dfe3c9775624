import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type EntryStats, openHandle, serveTasks, workerPool } from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import { createEngine } from './engine.ts';

const SIZE = 2 ** 31;
const MIDDLE = 48 * 2 ** 20;
/** Three tensors in two gigabytes: the middle one is looked at. */
const HEADER = Buffer.from(
  JSON.stringify({
    first: { dtype: 'F16', shape: [2 ** 29], data_offsets: [0, 2 ** 30] },
    middle: { dtype: 'F32', shape: [12, 2 ** 20], data_offsets: [2 ** 30, 2 ** 30 + MIDDLE] },
    last: { dtype: 'U8', shape: [4096], data_offsets: [2 ** 30 + MIDDLE, 2 ** 30 + MIDDLE + 4096] },
  }),
);
const DATA = 8 + HEADER.length;

let folder = '';
let file = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stateglass-'));
  file = openSync(join(folder, 'big.safetensors'), 'w+');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(HEADER.length));
  writeSync(file, length, 0, 8, 0);
  writeSync(file, HEADER, 0, HEADER.length, 8);
  ftruncateSync(file, SIZE);
  const one = Buffer.alloc(4);
  one.writeFloatLE(-1.5);
  writeSync(file, one, 0, 4, DATA + 2 ** 30 + 4 * 1_000_003);
});
afterAll(() => {
  closeSync(file);
  rmSync(folder, { recursive: true });
});

interface Range {
  readonly start: number;
  readonly end: number;
  sent: number;
}
let server: Server;
let ranges: Range[] = [];
let pause = 0;
let drop = false;
const sent = () => ranges.reduce((sum, range) => sum + range.sent, 0);

beforeEach(async () => {
  ranges = [];
  pause = 0;
  drop = false;
  server = createServer(async (request, response) => {
    const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const range: Range = { start: Number(start), end: Number(last) + 1, sent: 0 };
    ranges.push(range);
    response.setMaxListeners(0);
    const headers = { ETag: '"1"', 'Content-Range': `bytes ${start}-${last}/${SIZE}` };
    response.writeHead(206, { ...headers, 'Content-Length': range.end - range.start });
    for (let at = range.start; at < range.end && !response.destroyed; ) {
      const piece = Buffer.alloc(Math.min(2 ** 18, range.end - at));
      at += readSync(file, piece, 0, piece.length, at);
      range.sent += piece.length;
      if (!response.write(piece))
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      if (drop && range.sent >= 2 ** 21) {
        drop = false;
        response.destroy();
      }
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** The engine with workers that have nothing in common but what they are sent. */
async function openRemote() {
  const pool = workerPool(3, ({ onMessage }) => {
    const take = serveTasks(openHandle, (message) => onMessage(structuredClone(message)));
    return { post: (message) => take(structuredClone(message)), end: () => undefined };
  });
  const engine = createEngine({ pool });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/big.safetensors`;
  const name = 'big.safetensors';
  const { documents, failures } = await engine.open({ files: [{ path: name, handle: { kind: 'url', url, name } }] });
  expect(failures).toEqual([]);
  return { engine, document: documents[0]!.id };
}

async function statsOf(engine: EngineApi, document: number, key: string, signal?: AbortSignal): Promise<EntryStats[]> {
  const rows = await engine.filter(document, key);
  const items: EntryStats[] = [];
  await engine.stats(document, rows, { onItem: (item) => items.push(item), ...(signal && { signal }) });
  return items;
}

test('statistics of one tensor transfer its bytes once, whoever reads them, and are counted', async () => {
  const { engine, document } = await openRemote();
  const watch = new AbortController();
  let tally = 0;
  const watching = engine.watchReads({
    signal: watch.signal,
    onItem: ({ bytes }) => {
      tally = bytes;
    },
  });
  const toOpen = sent();
  expect(toOpen).toBeLessThan(2 ** 20 + 2 ** 19);
  const opening = ranges.length;
  const items = await statsOf(engine, document, 'middle');
  expect(items.at(-1)?.stats).toMatchObject({ count: 12 * 2 ** 20, min: -1.5, max: 0, zeros: 12 * 2 ** 20 - 1 });
  const parts = ranges.slice(opening).sort((a, b) => a.start - b.start);
  expect(sent() - toOpen).toBe(MIDDLE);
  expect(parts[0]?.start).toBe(DATA + 2 ** 30);
  expect(parts.at(-1)?.end).toBe(DATA + 2 ** 30 + MIDDLE);
  for (const [i, part] of parts.slice(1).entries()) expect(part.start).toBe(parts[i]!.end);
  await new Promise((resolve) => setTimeout(resolve, 600));
  // But for the one byte that the server was first asked for.
  expect(tally).toBe(sent() - 1);
  watch.abort();
  await watching;
});

test('a connection that drops in the middle is gone on with where it stopped', async () => {
  const { engine, document } = await openRemote();
  const opening = sent();
  drop = true;
  const items = await statsOf(engine, document, 'middle');
  expect(items.at(-1)?.stats).toMatchObject({ count: 12 * 2 ** 20, min: -1.5 });
  // Of what was sent into the void, at most what lay in the buffers of the connection.
  expect(sent() - opening).toBeLessThan(MIDDLE + 2 ** 22);
});

test('a cancel stops the traffic', async () => {
  const { engine, document } = await openRemote();
  const opening = sent();
  pause = 20;
  const controller = new AbortController();
  const running = statsOf(engine, document, 'middle', controller.signal);
  await new Promise((resolve) => setTimeout(resolve, 300));
  controller.abort();
  await expect(running).rejects.toThrow('cancelled');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const stopped = sent();
  expect(stopped - opening).toBeLessThan(MIDDLE / 2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(sent()).toBe(stopped);
});

test('values of a slice transfer little more than the slice', async () => {
  const { engine, document } = await openRemote();
  const opening = sent();
  const [entry] = await engine.filter(document, 'middle');
  const { values } = await engine.values({ document, entry: entry!, slice: '0, 1000000:1000008' });
  expect(values[3]).toBe(-1.5);
  expect(sent() - opening).toBeLessThanOrEqual(2 ** 19);
  const before = sent();
  await engine.values({ document, entry: entry!, slice: '0, 1000001:1000009' });
  expect(sent()).toBe(before);
});
