import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, stateglass } from './stateglass.fixture.ts';

const BYTES = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) & 255));
let folder = '';
const running: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stateglass-open-'));
  mkdirSync(join(folder, 'model/sub'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'blob'), BYTES);
  writeFileSync(join(folder, 'model/a.bin'), BYTES);
  writeFileSync(join(folder, 'model/.hidden'), 'no');
  writeFileSync(join(folder, 'model/sub/b.bin'), 'bb');
  symlinkSync('../blob', join(folder, 'model/linked.bin'));
});
afterAll(() => {
  for (const child of running) child.kill();
  rmSync(folder, { recursive: true });
});

interface Server {
  readonly port: number;
  readonly token: string;
  readonly said: string;
}

/** The compiled command, up and printing its address. It builds the page first when that is stale. */
function start(...args: string[]): Promise<Server> {
  const child = spawn('node', [join(ROOT, 'tools/cli.mjs'), 'open', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  return new Promise((resolve, reject) => {
    let said = '';
    child.on('exit', (code) => reject(new Error(`it ended with ${code}`)));
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:(\d+)\/#open=([\w-]+)/.exec(said);
      if (found && said.includes('Ctrl-C')) resolve({ port: Number(found[1]), token: found[2]!, said });
    });
  });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function ask(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    asking.on('error', reject).end();
  });
}
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

async function enter({ port, token }: Server) {
  const { status, body } = await ask(port, '/served', bearer(token));
  expect(status).toBe(200);
  const { session, files } = JSON.parse(String(body)) as {
    session: string;
    files: { path: string; size: number; tag: string }[];
  };
  return { session, files };
}

describe('open', () => {
  let server: Server;
  let session = '';
  let files: { path: string; size: number; tag: string }[] = [];
  beforeAll(async () => {
    server = await start(join(folder, 'model'));
    ({ session, files } = await enter(server));
  }, 120_000);

  it('prints the address and the way there from another machine', () => {
    expect(server.said).toContain(`-L ${server.port}:127.0.0.1:${server.port} `);
    expect(server.said).toMatch(/^3 files \(10,002 bytes\)/);
  });

  it('lists what was named, hidden files left out and links followed', () => {
    expect(files.map(({ path, size }) => [path, size])).toEqual([
      ['model/a.bin', 5000],
      ['model/linked.bin', 5000],
      ['model/sub/b.bin', 2],
    ]);
  });

  it('serves the page with its headers, without a key', async () => {
    const { status, headers, body } = await ask(server.port, '/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(String(body)).toContain('<title>Stateglass</title>');
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cache-control': 'no-store',
    });
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(String(body))?.[1];
    expect(headers['content-security-policy']).toBe(`${policy}; frame-ancestors 'none'`);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    const script = /src="\.(\/[^"]+\.js)"/.exec(String(body))?.[1];
    expect((await ask(server.port, script!)).headers['content-type']).toContain('javascript');
  });

  it('opens once: the token is used up, the key of the page goes on', async () => {
    const again = await ask(server.port, '/served', bearer(server.token));
    expect([again.status, String(again.body)]).toEqual([403, 'This one-time address was used before.\n']);
    const reload = await ask(server.port, '/served', bearer(session));
    expect(reload.status).toBe(200);
    expect(JSON.parse(String(reload.body))).not.toHaveProperty('session');
  });

  it.each<[string, () => Record<string, string>]>([
    ['no key', () => ({})],
    ['a wrong key', () => bearer('x'.repeat(43))],
    ['the token instead of the key', () => bearer(server.token)],
    ['a part of the key', () => bearer(session.slice(0, 42))],
    ['the key in a cookie', () => ({ Cookie: `session=${session}` })],
  ])('gives no file for %s', async (_, headers) => {
    for (const path of ['/served/0', '/served/99']) {
      const { status, body } = await ask(server.port, path, headers());
      expect(status).toBe(401);
      expect(body.length).toBeLessThan(100);
    }
  });

  it.each([
    '/served/3',
    '/served/00',
    '/served/-1',
    '/served/a.bin',
    '/served/../secret.txt',
    '/served/0/../../secret.txt',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/served/%2e%2e%2fsecret.txt',
    '/model/a.bin',
    '/package.json',
    '/assets/../index.html/..',
  ])('gives nothing at %s', async (path) => {
    expect((await ask(server.port, path, bearer(session))).status).toBe(404);
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost.evil.example', '127.0.0.1:1'])(
    'refuses the host %s',
    async (host) => {
      for (const path of ['/', '/served', '/served/0'])
        expect((await ask(server.port, path, { ...bearer(session), Host: host })).status).toBe(403);
    },
  );

  it('answers to its other own names', async () => {
    for (const name of ['localhost', '[::1]'])
      expect((await ask(server.port, '/served/0', { ...bearer(session), Host: `${name}:${server.port}` })).status).toBe(
        200,
      );
  });

  it('refuses a request that names no host', async () => {
    const said = await new Promise<string>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
    });
    expect(said).toMatch(/^HTTP\/1\.1 403/);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s', async (method) => {
    expect((await ask(server.port, '/served/0', bearer(session), method)).status).toBe(405);
  });

  it.each([
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'http://127.0.0.1:1' },
    { Origin: 'null' },
  ])('refuses other sites: %o', async (headers) => {
    const asked = { ...bearer(session), ...(headers as Record<string, string>) };
    expect((await ask(server.port, '/served/0', asked)).status).toBe(403);
  });

  it.each<[string, number, number, number]>([
    ['bytes=0-0', 206, 0, 1],
    ['bytes=10-19', 206, 10, 20],
    ['bytes=4990-', 206, 4990, 5000],
    ['bytes=4990-9999', 206, 4990, 5000],
    ['bytes=-5', 206, 4995, 5000],
    ['bytes=20-10', 200, 0, 5000],
    ['bytes=0-1,4-5', 200, 0, 5000],
    ['lines=1-2', 200, 0, 5000],
    ['bytes=5000-', 416, 0, 0],
  ])('answers %s with %i', async (range, status, from, to) => {
    for (const id of [0, 1]) {
      const answer = await ask(server.port, `/served/${id}`, { ...bearer(session), Range: range });
      expect(answer.status).toBe(status);
      expect(answer.body.equals(BYTES.subarray(from, to))).toBe(true);
      if (status === 206) expect(answer.headers['content-range']).toBe(`bytes ${from}-${to - 1}/5000`);
      if (status === 416) expect(answer.headers['content-range']).toBe('bytes */5000');
    }
  });

  it('answers HEAD without a body', async () => {
    const { status, headers, body } = await ask(
      server.port,
      '/served/0',
      { ...bearer(session), Range: 'bytes=0-9' },
      'HEAD',
    );
    expect([status, headers['content-length'], body.length]).toEqual([206, '10', 0]);
  });

  it('tells of a file that changes, and gives none whose link leads elsewhere', async () => {
    const tag = files[0]!.tag;
    const asked = { ...bearer(session), Range: 'bytes=0-9', 'If-Range': tag };
    expect((await ask(server.port, '/served/0', asked)).status).toBe(206);
    appendFileSync(join(folder, 'model/a.bin'), 'more');
    const changed = await ask(server.port, '/served/0', asked);
    expect([changed.status, changed.body.length]).toEqual([200, 5004]);
    expect(changed.headers.etag).not.toBe(tag);
    const link = join(folder, 'model/linked.bin');
    unlinkSync(link);
    symlinkSync('../secret.txt', link);
    const elsewhere = await ask(server.port, '/served/1', bearer(session));
    expect([elsewhere.status, String(elsewhere.body)]).toEqual([410, 'The file is no longer there.\n']);
    expect(readFileSync(join(folder, 'secret.txt'), 'utf8')).toBe('secret');
  });
});

it('takes a port and several paths, and says what it cannot do', async () => {
  const one = await start(join(folder, 'blob'), join(folder, 'model/sub/b.bin'));
  expect((await enter(one)).files.map(({ path }) => path)).toEqual(['blob', 'b.bin']);
  expect(await stateglass('open', join(folder, 'blob'), '--port', String(one.port))).toMatchObject({
    code: 2,
    err: `port ${one.port} is in use: choose another with --port\n`,
  });
  expect((await stateglass('open', join(folder, 'blob'), '--port', '99999')).err).toContain('--port takes a number');
  expect((await stateglass('open', join(folder, 'missing'))).err).toContain('no such file');
  expect((await stateglass('open')).err).toContain('name a file or a folder');
  expect((await stateglass('open', 'https://example.org/x.bin')).err).toContain('give it to the page itself');
});
