import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ErrorInfo, StateglassError } from '../base/errors.ts';
import { hubHandle, listHubRepo } from './hub.ts';
import { openHandle } from './open-handle.ts';

const COMMIT = 'a'.repeat(40);
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer): Promise<{ base: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const json = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(value));
const file = (path: string, size: number) => ({ type: 'file', oid: 'x', path, size });

async function infoOf(promise: Promise<unknown>): Promise<ErrorInfo> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof StateglassError)) throw new Error(`no StateglassError but ${error}`);
  return error.info;
}

describe('the list of a repo', () => {
  it('is read page by page at one commit, with the sizes of the files and not of their pointers', async () => {
    const { base, asked } = await serve((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://hub');
      if (pathname === '/api/models/org/name/revision/refs%2Fpr%2F1')
        return json(response, { sha: COMMIT, gated: 'auto' });
      if (pathname !== `/api/models/org/name/tree/${COMMIT}`) return response.writeHead(404).end();
      if (searchParams.get('cursor') === 'two') return json(response, [file('config.json', 12)]);
      const next = `<https://elsewhere.example${pathname}?recursive=true&cursor=two>; rel="next"`;
      const weights = {
        ...file('sub/model.safetensors', 135),
        lfs: { oid: 'y', size: 5_000_000_000, pointerSize: 135 },
      };
      json(response, [{ type: 'directory', path: 'sub', size: 0 }, weights, file('../escape', 1)], { Link: next });
    });
    const repo = await listHubRepo({ base, id: 'org/name', revision: 'refs/pr/1' }, { token: 'secret' });
    expect(repo).toMatchObject({ id: 'org/name', revision: 'refs/pr/1', commit: COMMIT, gated: true });
    expect(repo.files).toEqual([
      { path: 'sub/model.safetensors', size: 5_000_000_000 },
      { path: 'config.json', size: 12 },
    ]);
    expect(asked).toHaveLength(3);
    expect(asked.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true);
  });

  it('takes the commit from the header where the answer has none, and the revision where nobody says', async () => {
    for (const [headers, commit] of [[{ 'X-Repo-Commit': COMMIT }, COMMIT] as const, [{}, 'v1'] as const]) {
      const { base } = await serve((request, response) =>
        json(response, request.url!.includes('/tree/') ? [] : {}, headers as Record<string, string>),
      );
      expect(await listHubRepo({ base, id: 'gpt2', revision: 'v1' })).toMatchObject({
        commit,
        gated: false,
        files: [],
      });
    }
  });

  it('of a hub that goes round in circles ends', async () => {
    const { base, asked } = await serve((request, response) =>
      request.url!.includes('/tree/')
        ? json(response, [], { Link: `<${base}/x?recursive=true>; rel="next"` })
        : json(response, { sha: COMMIT }),
    );
    await listHubRepo({ base, id: 'gpt2', revision: 'main' });
    expect(asked).toHaveLength(2);
  });

  it.each<[string, Record<string, string>, number, RegExp, RegExp]>([
    ['gated', { 'X-Error-Code': 'GatedRepo' }, 401, /gated/, /licence.*token/],
    ['gated with a token', { 'X-Error-Code': 'GatedRepo' }, 403, /no leave yet/, /Accept the licence/],
    ['unknown', { 'X-Error-Code': 'RepoNotFound' }, 404, /no such repo, or keeps it private/, /name.*token/],
    ['of another revision', { 'X-Error-Code': 'RevisionNotFound' }, 404, /no such revision/, /branch/],
    ['without the file', { 'X-Error-Code': 'EntryNotFound' }, 404, /no such file at this revision/, /path/],
    [
      'behind a bad token',
      { 'X-Error-Message': 'Invalid credentials in Authorization header' },
      401,
      /does not accept the access token/,
      /token/,
    ],
    ['disabled', { 'X-Error-Message': 'Access to this resource is disabled.' }, 403, /is disabled/, /page of the repo/],
    ['too often asked for', {}, 429, /too many requests/, /Wait/],
  ])('that is %s gives a sentence and a way out', async (_, headers, status, detail, advice) => {
    const { base } = await serve((_, response) => response.writeHead(status, headers).end('no'));
    expect(await infoOf(listHubRepo({ base, id: 'org/name', revision: 'main' }, { retryDelay: 1 }))).toMatchObject({
      kind: 'source',
      file: 'org/name',
      status,
      detail: expect.stringMatching(detail),
      advice: expect.stringMatching(advice),
    });
  });

  it('is refused where the answer is none', async () => {
    const page = await serve((_, response) => response.writeHead(200).end('<!doctype html>'));
    expect(await infoOf(listHubRepo({ base: page.base, id: 'gpt2', revision: 'main' }))).toMatchObject({
      detail: expect.stringContaining('does not answer as a model hub does'),
    });
    const object = await serve((_, response) => json(response, {}));
    expect((await infoOf(listHubRepo({ base: object.base, id: 'gpt2', revision: 'main' }))).kind).toBe('malformed');
  });

  it('is not asked for with a token that others could read', async () => {
    const asked = listHubRepo({ base: 'http://hub.example', id: 'gpt2', revision: 'main' }, { token: 'secret' });
    expect(await infoOf(asked)).toMatchObject({ kind: 'bad-input', detail: expect.not.stringContaining('secret') });
  });
});

describe('a file of a repo', () => {
  it('is read where the hub sends on to, which is given no token, without being probed', async () => {
    const bytes = Buffer.from('0123456789');
    const store = await serve((request, response) => {
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!;
      const part = bytes.subarray(Number(start), Number(end) + 1);
      response.writeHead(206, { ETag: '"e"', 'Content-Range': `bytes ${start}-${end}/${bytes.length}` }).end(part);
    });
    const hub = await serve((_, response) => response.writeHead(302, { Location: `${store.base}/signed?x=1` }).end());
    const repo = { base: hub.base, id: 'org/name', revision: 'main', commit: COMMIT, gated: true };
    const handle = hubHandle(repo, { path: 'a b/#1.bin', size: bytes.length }, 'secret');
    const source = await openHandle(handle, { exact: true });
    expect(Buffer.from(await source.read(2, 5)).toString()).toBe('234');
    expect(hub.asked.map(({ url }) => url)).toEqual([`/org/name/resolve/${COMMIT}/a%20b/%231.bin`]);
    expect(hub.asked[0]?.headers.authorization).toBe('Bearer secret');
    expect(store.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});
