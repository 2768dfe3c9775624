import { malformed, StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { downloadWhole } from './http-body.ts';
import { type HttpOptions, request } from './http-request.ts';
import type { HubAddress } from './hub-address.ts';
import type { SourceHandle } from './source.ts';

export interface HubFile {
  readonly path: string;
  /** Bytes of the file itself, not of the pointer that git holds. */
  readonly size: number;
}

/** The files of a repo at one commit. */
export interface HubRepo extends HubAddress {
  /** What the revision stood for when the list was made: every file comes from it. */
  readonly commit: string;
  /** Anybody sees the list, but the files are for accounts that accepted a licence. */
  readonly gated: boolean;
  readonly files: readonly HubFile[];
}

export interface HubOptions extends Pick<HttpOptions, 'signal' | 'retryDelay' | 'stallAfter'> {
  /** Sent to the hub itself and to nobody else. */
  readonly token?: string;
}

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Asks a hub what a revision stands for and which files are there. huggingface.co and what speaks like it: `/api/models/ID/revision/REV`,
 * then `/api/models/ID/tree/COMMIT`, page by page.
 *
 * @throws `source` with what the hub said (gated, no such repo, no such revision) and a way out, `malformed` for an answer
 * that is no list, `bad-input` for a token that would travel in the clear, `limit`, `cancelled`.
 */
export async function listHubRepo(address: HubAddress, options: HubOptions = {}): Promise<HubRepo> {
  const { base, id, revision } = address;
  if (options.token && !isPrivateWay(base))
    throw new StateglassError({
      kind: 'bad-input',
      detail: `a token is not sent to ${base}: anybody on the way could read it`,
    });
  const api = `${base}/api/models/${id}`;
  const facts = await readJson(`${api}/revision/${encodeURIComponent(revision)}`, id, options);
  const { sha, gated } = (facts.json ?? {}) as { sha?: unknown; gated?: unknown };
  const told = typeof sha === 'string' ? sha : facts.headers.get('x-repo-commit');
  const commit = told && COMMIT.test(told) ? told : revision;
  const files = await listFiles(`${api}/tree/${encodeURIComponent(commit)}`, id, options);
  return { ...address, commit, gated: gated !== undefined && gated !== false, files };
}

/** A file of a repo for `openHandle`. The hub answers with the file or sends on to a store, which is given no token. */
export function hubHandle(repo: Omit<HubRepo, 'files'>, { path, size }: HubFile, token?: string): SourceHandle {
  const steps = path.split('/').map(encodeURIComponent).join('/');
  return {
    kind: 'url',
    url: `${repo.base}/${repo.id}/resolve/${encodeURIComponent(repo.commit)}/${steps}`,
    name: path.slice(path.lastIndexOf('/') + 1),
    size,
    ...(token && { headers: authorize(token) }),
  };
}

/** Encrypted, or not leaving this machine. */
const isPrivateWay = (base: string): boolean =>
  /^https:|^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::|\/|$)/i.test(base);

const authorize = (token: string) => ({ Authorization: `Bearer ${token}` });

async function listFiles(tree: string, id: string, options: HubOptions): Promise<HubFile[]> {
  const files: HubFile[] = [];
  const asked = new Set<string>();
  for (let query: string | undefined = '?recursive=true'; query !== undefined && !asked.has(query); ) {
    asked.add(query);
    const page = await readJson(`${tree}${query}`, id, options);
    if (!Array.isArray(page.json)) throw malformed(id, 'hub answer', 'it is no list of files');
    for (const item of page.json) {
      const file = readFile(item);
      if (file) files.push(file);
    }
    if (files.length > LIMITS.hubFiles) {
      const detail = 'the repo has too many files';
      throw new StateglassError({
        kind: 'limit',
        file: id,
        limit: 'hubFiles',
        value: files.length,
        max: LIMITS.hubFiles,
        detail,
      });
    }
    query = nextQuery(page.headers.get('link'));
  }
  return files;
}

/** Undefined for folders, and for paths that would lead elsewhere as addresses. */
function readFile(item: unknown): HubFile | undefined {
  const { type, path, size, lfs } = (item ?? {}) as { type?: unknown; path?: unknown; size?: unknown; lfs?: unknown };
  if (type !== 'file' || typeof path !== 'string') return undefined;
  if (path.split('/').some((step) => step === '' || step === '.' || step === '..')) return undefined;
  const bytes = (lfs as { size?: unknown } | undefined)?.size ?? size;
  return Number.isSafeInteger(bytes) && (bytes as number) >= 0 ? { path, size: bytes as number } : undefined;
}

/** The query of `<https://…?cursor=…>; rel="next"` (RFC 8288). Only the query: where the token goes is not for an answer to say. */
function nextQuery(link: string | null): string | undefined {
  const next = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1];
  return next && /\?.*/.exec(next)?.[0];
}

async function readJson(url: string, name: string, options: HubOptions): Promise<{ json: unknown; headers: Headers }> {
  const { token, ...rest } = options;
  const http: HttpOptions = { ...rest, ...(token && { headers: authorize(token) }) };
  const response = await request(url, name, http, undefined, undefined, options.signal);
  const text = await (await downloadWhole(response, name, 'hubPageBytes', http)).text();
  try {
    return { json: JSON.parse(text), headers: response.headers };
  } catch {
    throw new StateglassError({
      kind: 'source',
      file: name,
      detail: `${new URL(url).host} does not answer as a model hub does`,
      advice: 'Check the base address',
    });
  }
}
