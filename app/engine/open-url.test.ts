import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Progress } from './api.ts';
import { createEngine } from './engine.ts';

/** A file on a server that knows no ranges: it has to be downloaded whole. */
const FILE = readFileSync(new URL('../../src-core/fixtures/safetensors/many.safetensors', import.meta.url));
const PIECES = 8;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<{ readonly url: string; readonly name: string }> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/many.safetensors`,
    name: 'many.safetensors',
  };
}

const offer = (handle: { readonly url: string; readonly name: string }) => ({
  files: [{ path: handle.name, handle: { kind: 'url', ...handle } as const }],
});

test('a whole download tells how far it is, and the document that it was one', async () => {
  const address = await serve(async (_, response) => {
    response.writeHead(200, { 'Content-Length': FILE.length });
    const size = Math.ceil(FILE.length / PIECES);
    for (let at = 0; at < FILE.length; at += size) {
      response.write(FILE.subarray(at, at + size));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    response.end();
  });
  const told: Progress[] = [];
  const { documents } = await createEngine().open(offer(address), { onProgress: (progress) => told.push(progress) });
  expect(documents).toMatchObject([{ name: 'many.safetensors', wholeDownload: true }]);
  const download = told.filter(({ label }) => label === told[0]?.label);
  expect(download[0]?.label).toContain('many.safetensors');
  const steps = download.map(({ done }) => done);
  expect(steps.length).toBeGreaterThan(2);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect(download.at(-1)).toMatchObject({ done: FILE.length, total: FILE.length });
});

test('a whole download ends when it is cancelled', async () => {
  let closed: (() => void) | undefined;
  const hungUp = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const address = await serve((_, response) => {
    response.on('close', () => closed?.());
    response.writeHead(200, { 'Content-Length': FILE.length });
    // And never the rest.
    response.write(FILE.subarray(0, 1000));
  });
  const controller = new AbortController();
  const opening = createEngine().open(offer(address), {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(opening).rejects.toMatchObject({ info: { kind: 'cancelled' } });
  await hungUp;
});

test('a server with ranges is read by range', async () => {
  const address = await serve((request, response) => {
    const [start, end] = /bytes=(\d+)-(\d+)/
      .exec(request.headers.range ?? '')!
      .slice(1)
      .map(Number) as [number, number];
    const stop = Math.min(end + 1, FILE.length);
    response.writeHead(206, { 'Content-Range': `bytes ${start}-${stop - 1}/${FILE.length}` });
    response.end(FILE.subarray(start, stop));
  });
  const engine = createEngine();
  const { documents } = await engine.open(offer(address));
  expect(documents).toHaveLength(1);
  expect(documents[0]).not.toHaveProperty('wholeDownload');
  // What is read of it can be a file of its own.
  const exported = await engine.exportFile({ document: documents[0]!.id }, 'safetensors');
  expect(Buffer.compare(Buffer.from(await exported.arrayBuffer()), FILE)).toBe(0);
});
