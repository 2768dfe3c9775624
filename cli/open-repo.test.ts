import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { fixture, stateglassWith } from './stateglass.fixture.ts';

const COMMIT = 'c'.repeat(40);
const FILES = ['model.safetensors.index.json', ...[1, 2, 3, 4].map((i) => `model-0000${i}-of-00004.safetensors`)];
const path = (name: string) => fixture(`safetensors/sharded/${name}`);

test('a repo of a hub is listed and opened with the token of the environment', async () => {
  const tokens = new Set<string | undefined>();
  const server = createServer((request, response) => {
    tokens.add(request.headers.authorization);
    const { pathname } = new URL(request.url!, 'http://hub');
    const json = (value: unknown) => response.end(JSON.stringify(value));
    if (pathname === '/api/models/org/tiny/revision/v2') return json({ sha: COMMIT });
    if (pathname === `/api/models/org/tiny/tree/${COMMIT}`)
      return json(FILES.map((name) => ({ type: 'file', path: name, size: statSync(path(name)).size })));
    const name = pathname.replace(`/org/tiny/resolve/${COMMIT}/`, '');
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (!FILES.includes(name) || !start) return response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
    const range = { start: Number(start), end: Math.min(Number(end), statSync(path(name)).size - 1) };
    response.writeHead(206, { 'Content-Range': `bytes ${range.start}-${range.end}/${statSync(path(name)).size}` });
    createReadStream(path(name), range).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env = { HF_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, HF_TOKEN: 'hf_secret' };
  try {
    const listed = await stateglassWith(env, 'ls', 'hf://org/tiny@v2', '--json');
    const { format, files, entries } = JSON.parse(listed.out);
    expect(format).toBe('safetensors');
    expect(files.map((file: { name: string }) => file.name).sort()).toEqual(FILES.map((name) => `tiny/${name}`).sort());
    const { weight_map } = JSON.parse(readFileSync(path(FILES[0]!), 'utf8'));
    expect(entries.map((entry: { key: string }) => entry.key).sort()).toEqual(Object.keys(weight_map).sort());
    expect([...tokens]).toEqual(['Bearer hf_secret']);
    const missing = await stateglassWith(env, 'ls', 'hf://org/tiny@v2/other.bin');
    expect(missing).toMatchObject({ code: 2, err: 'org/tiny/other.bin: no state dict here\n' });
    expect((await stateglassWith(env, 'ls', 'hf://datasets/org/x')).err).toContain('a data set, not a model');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
