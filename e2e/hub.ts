import { closeSync, openSync, readSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file of a repo: its bytes here, or a long sparse file on disk. */
export type Content = Uint8Array | { readonly path: string; readonly size: number };

export interface HubRepo {
  readonly commit: string;
  readonly revisions?: readonly string[];
  /** Its files are for this token alone; anybody sees the list. */
  readonly gatedBy?: string;
  readonly files: Readonly<Record<string, Content>>;
}

/** One answer of the store: what was asked, and what went out before somebody hung up. */
export interface Sent {
  readonly path: string;
  readonly range: string | undefined;
  bytes: number;
  ended: boolean;
}

/** How the store behaves, besides well. */
export interface Mood {
  /** Milliseconds between pieces of 256 kB. */
  pause: number;
  /** Hangs up once, after so many bytes of an answer. */
  dropAfter: number | undefined;
  /** Knows no ranges. */
  withoutRange: boolean;
  /** Forgets to let other sites read. */
  withoutCors: boolean;
}

const PIECE = 256 * 1024;
const PAGE = 3;
const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range';

/**
 * Stands in for huggingface.co: the same paths and headers, as its answers show them. Lists come in pages of three;
 * files are sent on to a store under another address, as its large files are. Everything the store sends is counted.
 */
export class Hub {
  readonly repos: Record<string, HubRepo> = {};
  readonly mood: Mood = { pause: 0, dropAfter: undefined, withoutRange: false, withoutCors: false };
  readonly sent: Sent[] = [];
  /** Authorization headers by who got them. */
  readonly tokens = { hub: [] as (string | undefined)[], store: [] as (string | undefined)[] };
  readonly #hub = createServer((request, response) => this.#answerHub(request, response));
  readonly #store = createServer((request, response) => this.#answerStore(request, response));

  static async start(): Promise<Hub> {
    const hub = new Hub();
    await Promise.all([listen(hub.#hub), listen(hub.#store)]);
    return hub;
  }

  get base(): string {
    return addressOf(this.#hub);
  }

  /** Bytes that left the store. */
  get bytes(): number {
    return this.sent.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#hub, this.#store].map(close));
  }

  #answerHub(request: IncomingMessage, response: ServerResponse) {
    allow(request, response);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    this.tokens.hub.push(request.headers.authorization);
    const url = new URL(request.url ?? '/', this.base);
    const api = /^\/api\/models\/((?:[^/]+\/)?[^/]+)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
    const file = /^\/((?:[^/]+\/)?[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const [id, revision] = api ? [api[1]!, api[3]!] : [file?.[1] ?? '', file?.[2] ?? ''];
    const repo = this.repos[id];
    if (!repo) return refuse(response, 401, 'RepoNotFound', 'Invalid username or password.');
    const known = [repo.commit, 'main', ...(repo.revisions ?? [])];
    if (!known.includes(decodeURIComponent(revision)))
      return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    response.setHeader('X-Repo-Commit', repo.commit);
    if (api?.[2] === 'revision')
      return sendJson(response, { _id: '1', id, sha: repo.commit, gated: repo.gatedBy ? 'auto' : false });
    if (api) return this.#sendTree(url, repo, response);
    const path = decodeURIComponent(file?.[3] ?? '');
    if (repo.gatedBy && request.headers.authorization !== `Bearer ${repo.gatedBy}`)
      return refuse(response, 401, 'GatedRepo', `Access to model ${id} is restricted.`);
    if (!repo.files[path]) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
    const signed = `${addressOf(this.#store)}/${encodeURIComponent(id)}/${encodeURIComponent(path)}?Expires=1&Signature=x`;
    response.writeHead(302, { Location: signed, 'X-Linked-Size': sizeOf(repo.files[path]) }).end('Found');
  }

  #sendTree(url: URL, repo: HubRepo, response: ServerResponse): void {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const paths = Object.keys(repo.files).sort();
    if (from + PAGE < paths.length) {
      const next = `${this.base}${url.pathname}?recursive=true&cursor=${from + PAGE}`;
      response.setHeader('Link', `<${next}>; rel="next"`);
    }
    const items = paths.slice(from, from + PAGE).map((path) => {
      const size = sizeOf(repo.files[path]!);
      const isLarge = /\.(safetensors|bin)$/.test(path);
      const pointer = { oid: 'l', size, pointerSize: 135 };
      return { type: 'file', oid: 'o', size, path, ...(isLarge && { lfs: pointer }) };
    });
    sendJson(response, items);
  }

  #answerStore(request: IncomingMessage, response: ServerResponse) {
    if (!this.mood.withoutCors) allow(request, response);
    if (request.method === 'OPTIONS') return void response.writeHead(403).end();
    this.tokens.store.push(request.headers.authorization);
    const [, id = '', path = ''] = new URL(request.url ?? '/', this.base).pathname.split('/').map(decodeURIComponent);
    const content = this.repos[id]?.files[path];
    if (!content) return void response.writeHead(403).end();
    const size = sizeOf(content);
    const asked = this.mood.withoutRange ? null : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const start = asked ? Number(asked[1]) : 0;
    const end = asked ? Math.min(Number(asked[2]) + 1, size) : size;
    response.setHeader('ETag', `"${id}/${path}"`.replaceAll(' ', '_'));
    if (asked) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${size}`);
    response.writeHead(asked ? 206 : 200, { 'Content-Length': end - start, 'Accept-Ranges': 'bytes' });
    const record: Sent = { path, range: request.headers.range, bytes: 0, ended: false };
    this.sent.push(record);
    void this.#sendBytes(content, start, end, record, response);
  }

  async #sendBytes(
    content: Content,
    start: number,
    end: number,
    record: Sent,
    response: ServerResponse,
  ): Promise<void> {
    response.setMaxListeners(0);
    response.on('close', () => {
      record.ended = true;
    });
    if (start >= end) response.end();
    for (let at = start; at < end && !record.ended; ) {
      const piece = readPiece(content, at, Math.min(end, at + PIECE));
      if (this.mood.dropAfter !== undefined && at - start + piece.length >= this.mood.dropAfter) {
        this.mood.dropAfter = undefined;
        response.destroy();
        return;
      }
      at += piece.length;
      record.bytes += piece.length;
      // With its last piece a response is over: the browser uses the connection again at once.
      if (at >= end) response.end(piece);
      else if (!response.write(piece))
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      if (this.mood.pause > 0) await new Promise((resolve) => setTimeout(resolve, this.mood.pause));
    }
  }
}

const sizeOf = (content: Content): number => (content instanceof Uint8Array ? content.length : content.size);

function readPiece(content: Content, start: number, end: number): Uint8Array {
  if (content instanceof Uint8Array) return content.subarray(start, end);
  const file = openSync(content.path, 'r');
  const piece = Buffer.alloc(end - start);
  readSync(file, piece, 0, piece.length, start);
  closeSync(file);
  return piece;
}

/** The origin that asks is named, not `*`; If-Range is not among what may be sent. */
function allow(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? 'https://huggingface.co');
  response.setHeader('Access-Control-Allow-Headers', 'Authorization');
  response.setHeader('Access-Control-Expose-Headers', EXPOSED);
  response.setHeader('Vary', 'Origin');
}

const sendJson = (response: ServerResponse, value: unknown): void =>
  void response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));

const refuse = (response: ServerResponse, status: number, code: string, message: string): void =>
  void response.writeHead(status, { 'X-Error-Code': code, 'X-Error-Message': message }).end(message);

const listen = (server: Server): Promise<void> => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
