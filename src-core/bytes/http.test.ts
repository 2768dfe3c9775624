import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ErrorInfo, StateglassError } from '../base/errors.ts';
import { httpSource, nameOfUrl } from './http.ts';
import type { HttpOptions } from './http-request.ts';
import { openHandle } from './open-handle.ts';

const BYTES = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
const FAST: HttpOptions = { retryDelay: 1 };

interface Served {
  readonly url: string;
  readonly ranges: (string | undefined)[];
  readonly methods: (string | undefined)[];
}
type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: Answer): Promise<Served> {
  const ranges: (string | undefined)[] = [];
  const methods: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    methods.push(request.method);
    answer(request, response, ranges.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/my%20model.bin?x=1`,
    ranges,
    methods,
  };
}

/** What a well-behaved server does. */
const giveRange =
  (bytes = BYTES, headers: Record<string, string> = { ETag: '"1"' }): Answer =>
  (request, response) => {
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const changed = request.headers['if-range'] !== undefined && request.headers['if-range'] !== headers.ETag;
    if (!match || changed) {
      response.writeHead(200, { ...headers, 'Content-Length': bytes.length }).end(bytes);
      return;
    }
    const [start, end] = [Number(match[1]), Number(match[2]) + 1];
    if (start >= bytes.length) {
      response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
      return;
    }
    const part = bytes.subarray(start, end);
    const range = `bytes ${start}-${start + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { ...headers, 'Content-Range': range, 'Content-Length': part.length }).end(part);
  };

async function infoOf(promise: Promise<unknown>): Promise<ErrorInfo> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof StateglassError)) throw new Error(`no StateglassError but ${error}`);
  return error.info;
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a server with ranges', () => {
  it('is asked for one byte first, and then for nothing but the ranges', async () => {
    const server = await serve(giveRange());
    const source = await httpSource(server.url, FAST);
    expect([source.name, source.size, source.wholeDownload]).toEqual(['my model.bin', BYTES.length, false]);
    expect(isSame(await source.read(10, 5000), BYTES.subarray(10, 5000))).toBe(true);
    expect(isSame(await collect(source.stream!(99, 70_000)), BYTES.subarray(99, 70_000))).toBe(true);
    expect(server.ranges).toEqual(['bytes=0-0', 'bytes=10-4999', 'bytes=99-69999']);
    expect(new Set(server.methods)).toEqual(new Set(['GET']));
  });

  it('is not asked for an empty range, and a range outside is refused here', async () => {
    const server = await serve(giveRange());
    const source = await httpSource(server.url, FAST);
    expect((await source.read(7, 7)).length).toBe(0);
    expect((await infoOf(source.read(0, BYTES.length + 1))).kind).toBe('source');
    expect(server.ranges.length).toBe(1);
  });

  it('gets the headers it needs with every request, and from the handle too', async () => {
    const tokens: (string | undefined)[] = [];
    const server = await serve((request, response, count) => {
      tokens.push(request.headers.authorization);
      giveRange()(request, response, count);
    });
    const source = await httpSource(server.url, { ...FAST, headers: { Authorization: 'Bearer t' } });
    const again = await openHandle(structuredClone(source.handle));
    await again.read(0, 5);
    expect(tokens).toEqual(['Bearer t', 'Bearer t']);
  });

  it.each([
    ['by its tag', { ETag: '"2"' }, BYTES],
    ['by its length', { ETag: '"1"' }, BYTES.subarray(1)],
    ['by its date', { 'Last-Modified': 'Tue, 02 Jan 2024 00:00:00 GMT' }, BYTES],
  ])('whose file changes is noticed %s', async (_, headers: Record<string, string>, bytes) => {
    const before = 'ETag' in headers ? { ETag: '"1"' } : { 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' };
    const server = await serve((request, response, count) => {
      // Servers that ignore If-Range are the ones where the answer has to be looked at.
      delete request.headers['if-range'];
      (count === 1 ? giveRange(BYTES, before as Record<string, string>) : giveRange(bytes, headers))(
        request,
        response,
        count,
      );
    });
    const source = await httpSource(server.url, FAST);
    expect(await infoOf(source.read(0, 10))).toMatchObject({
      kind: 'source',
      detail: expect.stringContaining('changed'),
    });
  });

  it('that honours If-Range tells of a change by sending everything', async () => {
    const server = await serve((request, response, count) =>
      giveRange(BYTES, { ETag: `"${Math.min(count, 2)}"` })(request, response, count),
    );
    const source = await httpSource(server.url, FAST);
    expect(await infoOf(source.read(0, 10))).toMatchObject({
      kind: 'source',
      detail: expect.stringContaining('changed'),
    });
  });

  it('that drops the connection in the middle is asked for the rest', async () => {
    const server = await serve((request, response, count) => {
      if (count !== 2) return giveRange()(request, response, count);
      const range = `bytes 0-49999/${BYTES.length}`;
      response.writeHead(206, { ETag: '"1"', 'Content-Range': range, 'Content-Length': 50_000 });
      response.write(BYTES.subarray(0, 20_000), () => setTimeout(() => response.destroy(), 20));
    });
    const source = await httpSource(server.url, FAST);
    expect(isSame(await source.read(0, 50_000), BYTES.subarray(0, 50_000))).toBe(true);
    expect(server.ranges.slice(1)).toEqual(['bytes=0-49999', 'bytes=20000-49999']);
  });

  it('that drops the connection in a stream is asked for the rest', async () => {
    const server = await serve((request, response, count) => {
      if (count !== 2) return giveRange()(request, response, count);
      response.writeHead(206, { 'Content-Range': `bytes 0-49999/${BYTES.length}`, 'Content-Length': 50_000 });
      response.write(BYTES.subarray(0, 20_000), () => setTimeout(() => response.destroy(), 20));
    });
    const source = await httpSource(server.url, FAST);
    expect(isSame(await collect(source.stream!(0, 50_000)), BYTES.subarray(0, 50_000))).toBe(true);
  });

  it('that never sends anything is given up', async () => {
    const server = await serve((request, response, count) => {
      if (count === 1) return giveRange()(request, response, count);
      response.destroy();
    });
    const source = await httpSource(server.url, FAST);
    expect((await infoOf(source.read(0, 10))).kind).toBe('source');
    expect(server.ranges.length).toBeLessThan(20);
  });

  it('that falls silent in the middle is asked for the rest', async () => {
    const server = await serve((request, response, count) => {
      if (count !== 2) return giveRange()(request, response, count);
      response.writeHead(206, {
        ETag: '"1"',
        'Content-Range': `bytes 0-49999/${BYTES.length}`,
        'Content-Length': 50_000,
      });
      response.write(BYTES.subarray(0, 20_000));
    });
    const source = await httpSource(server.url, { ...FAST, stallAfter: 100 });
    expect(isSame(await source.read(0, 50_000), BYTES.subarray(0, 50_000))).toBe(true);
    expect(server.ranges.slice(1)).toEqual(['bytes=0-49999', 'bytes=20000-49999']);
  });

  it('that never answers is given up with a sentence', async () => {
    const server = await serve(() => undefined);
    expect(await infoOf(httpSource(server.url, { ...FAST, stallAfter: 50 }))).toMatchObject({
      kind: 'source',
      detail: expect.stringContaining('does not answer'),
    });
  });

  it('is not asked again by another thread, which notices a change all the same', async () => {
    const server = await serve((request, response, count) =>
      giveRange(BYTES, { ETag: count < 3 ? '"1"' : '"2"' })(request, response, count),
    );
    const { handle } = await httpSource(server.url, FAST);
    const again = await openHandle(structuredClone(handle), { exact: true });
    expect(isSame(await again.read(5, 9), BYTES.subarray(5, 9))).toBe(true);
    expect(server.ranges).toEqual(['bytes=0-0', 'bytes=5-8']);
    expect(await infoOf(again.read(0, 4))).toMatchObject({ detail: expect.stringContaining('changed') });
  });

  it.each([
    ['a signal', true],
    ['the end of reading', false],
  ])('hangs up for %s', async (_, bySignal) => {
    let close = (_sent: number): void => undefined;
    const sent = new Promise<number>((resolve) => {
      close = resolve;
    });
    const server = await serve((request, response, count) => {
      if (count === 1) return giveRange()(request, response, count);
      response.writeHead(206, {
        ETag: '"1"',
        'Content-Range': `bytes 0-99999/${BYTES.length}`,
        'Content-Length': 100_000,
      });
      let at = 0;
      const timer = setInterval(() => {
        response.write(BYTES.subarray(at, at + 1000));
        at += 1000;
      }, 20);
      response.on('close', () => {
        clearInterval(timer);
        close(at);
      });
    });
    const source = await httpSource(server.url, FAST);
    const controller = new AbortController();
    const reader = source.stream!(0, 100_000, controller.signal).getReader();
    await reader.read();
    if (bySignal) controller.abort();
    else await reader.cancel();
    expect(await sent).toBeLessThan(50_000);
    expect(server.ranges).toHaveLength(2);
  });

  it('that is busy is asked again', async () => {
    const server = await serve((request, response, count) => {
      if (count === 1) response.writeHead(503).end();
      else giveRange()(request, response, count);
    });
    expect((await httpSource(server.url, FAST)).size).toBe(BYTES.length);
  });

  it('that sends more than was asked for is not believed', async () => {
    const server = await serve((request, response, count) => {
      if (count === 1) return giveRange()(request, response, count);
      response.writeHead(206, { 'Content-Range': `bytes 0-9/${BYTES.length}` }).end(BYTES);
    });
    const source = await httpSource(server.url, FAST);
    expect(await infoOf(source.read(0, 10))).toMatchObject({
      kind: 'source',
      detail: expect.stringContaining('more bytes'),
    });
  });

  it('stops for a signal, also between retries', async () => {
    const server = await serve((request, response, count) => {
      if (count === 1) giveRange()(request, response, count);
      else response.writeHead(503).end();
    });
    const source = await httpSource(server.url, { retryDelay: 60_000 });
    const controller = new AbortController();
    const reading = infoOf(source.read(0, 10, controller.signal));
    setTimeout(() => controller.abort(), 50);
    expect((await reading).kind).toBe('cancelled');
  });
});

describe('a server without ranges', () => {
  it('makes the file be downloaded whole, told as it goes', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'Content-Length': BYTES.length }).end(BYTES));
    const told: [number, number][] = [];
    const source = await httpSource(server.url, { ...FAST, onProgress: (done, total) => told.push([done, total]) });
    expect([source.wholeDownload, source.size]).toEqual([true, BYTES.length]);
    expect(isSame(await source.read(50, 60), BYTES.subarray(50, 60))).toBe(true);
    const elsewhere = await openHandle(structuredClone(source.handle));
    expect(isSame(await elsewhere.read(7, 5000), BYTES.subarray(7, 5000))).toBe(true);
    expect(server.ranges.length).toBe(1);
    expect(told.at(-1)).toEqual([BYTES.length, BYTES.length]);
  });

  it('that was thought to have them is explained', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'Content-Length': BYTES.length }).end(BYTES));
    const source = await httpSource(server.url, { ...FAST, size: BYTES.length });
    expect(await infoOf(source.read(0, 10))).toMatchObject({ detail: expect.stringContaining('no ranges') });
  });

  it('that announces more than fits into memory is refused before it sends', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': 2 ** 40 });
      response.write('x');
    });
    expect(await infoOf(httpSource(server.url, FAST))).toMatchObject({ kind: 'limit', limit: 'wholeDownloadBytes' });
  });

  it('that breaks off is an error, not a short file', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': BYTES.length });
      response.write(BYTES.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
    });
    expect((await infoOf(httpSource(server.url, FAST))).kind).toBe('source');
  });
});

describe('refusals', () => {
  it.each([
    [401, /token/],
    [403, /gated|signed/],
    [404, /address/],
    [400, /address/],
  ])('%i has a sentence and a way out', async (status, advice) => {
    const server = await serve((_, response) => response.writeHead(status).end('no'));
    const info = await infoOf(httpSource(server.url, FAST));
    expect(info).toMatchObject({ kind: 'source', file: 'my model.bin', status, advice: expect.stringMatching(advice) });
    expect(server.ranges.length).toBe(1);
  });

  it('of the connection name the network and CORS', async () => {
    const info = await infoOf(httpSource('http://127.0.0.1:1/x.bin', FAST));
    expect(info).toMatchObject({ kind: 'source', detail: expect.stringContaining('CORS') });
  });

  it('of an address that is none are source errors too', async () => {
    expect((await infoOf(httpSource('nothing at all', FAST))).kind).toBe('source');
  });

  it('of the length are said', async () => {
    const server = await serve((_, response) => response.writeHead(206).end('x'));
    expect(await infoOf(httpSource(server.url, FAST))).toMatchObject({
      kind: 'source',
      detail: expect.stringContaining('how long'),
    });
  });
});

describe('an empty file', () => {
  it('is opened although it has no first byte', async () => {
    const server = await serve(giveRange(new Uint8Array(0)));
    expect((await httpSource(server.url, FAST)).size).toBe(0);
  });
});

describe('nameOfUrl', () => {
  it.each([
    ['https://h.co/a/resolve/main/model.safetensors?download=true#x', 'model.safetensors'],
    ['https://h.co/a%2Fb.bin', 'a/b.bin'],
    ['https://h.co/bad%ZZ', 'bad%ZZ'],
    ['https://h.co/', 'https://h.co/'],
  ])('%s', (url, name) => expect(nameOfUrl(url)).toBe(name));
});
