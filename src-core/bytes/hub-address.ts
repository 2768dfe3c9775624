import { StateglassError } from '../base/errors.ts';

/** A repo of models on a hub, at a revision, and what of it is meant. */
export interface HubAddress {
  /** Where the hub is: `https://huggingface.co`, without a slash at the end. */
  readonly base: string;
  /** `org/name`, or `name` for the oldest repos. */
  readonly id: string;
  /** A branch, tag, commit or `refs/pr/1`. */
  readonly revision: string;
  /** A file, or a folder. */
  readonly path?: string;
}

export const HUB_BASE = 'https://huggingface.co';
const HUB_HOSTS = ['huggingface.co', 'www.huggingface.co', 'hf.co'];
const REVISION = 'main';

/** Names of repos and their owners (https://huggingface.co/docs/hub/repositories): letters, digits, `-`, `_`, `.`. */
const NAME = /^[a-z0-9_](?:[\w.-]{0,94}[a-z0-9_-])?$/i;
/** First parts of paths of the hub's own pages; no owner of a repo has these names. */
const PAGES =
  /^(?:api|blog|chat|collections|docs|join|learn|login|models|new|organizations|papers|posts|pricing|search|settings|tasks)$/;
const OTHER_KINDS: Readonly<Record<string, string>> = { datasets: 'a data set', spaces: 'an app', buckets: 'a bucket' };

/**
 * Reads what people call a repo: `org/name`, `name`, `org/name@revision`, `hf://org/name@revision/path`, and addresses of a
 * repo's pages and files on `base` or huggingface.co. Undefined for what is none of these: another web address.
 *
 * @throws `bad-input` for data sets and apps, and for an `hf://` address that names no repo.
 */
export function parseHubAddress(text: string, base: string = HUB_BASE): HubAddress | undefined {
  const trimmed = text.trim();
  const own = base.replace(/\/+$/, '');
  if (/^hf:\/\//i.test(trimmed)) {
    const found = readPlain(trimmed.slice(5), own);
    if (!found) throw refuse(`${trimmed} names no repo: hf://org/name, hf://org/name@revision`);
    return found;
  }
  if (/^https?:\/\//i.test(trimmed)) return readPage(trimmed, own);
  return /[\s:?#]/.test(trimmed) ? undefined : readPlain(trimmed, own);
}

/** `hf://org/name@revision/path`: the address of a repo among links and recent files. `main` is left out. */
export function formatHubAddress({ id, revision, path }: Omit<HubAddress, 'base'>): string {
  const at = revision === REVISION ? '' : `@${encodeURIComponent(revision)}`;
  const steps = path ? `/${path.split('/').map(encodeURIComponent).join('/')}` : '';
  return `hf://${id}${at}${steps}`;
}

/** `org/name[@revision][/path]`. A revision has slashes only as `refs/pr/1`, or written `%2F`. */
function readPlain(text: string, base: string): HubAddress | undefined {
  const parts = text.split('/');
  refuseOtherKinds(parts[0]!);
  // The revision belongs to the name: `name@main/path`, `org/name@main/path`.
  const depth = parts[0]!.includes('@') || parts.length === 1 ? 1 : 2;
  const [name, revision] = splitOnce(parts.slice(0, depth).join('/'), '@');
  if (!isRepo(name)) return undefined;
  const rest = parts.slice(depth).map(decode);
  if (revision === undefined) return { base, id: name, revision: REVISION, ...pathOf(rest) };
  return readRevision(base, name, [decode(revision), ...rest]);
}

/** `https://huggingface.co/org/name/blob/main/model.safetensors` and its like. */
function readPage(text: string, own: string): HubAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { origin, host, pathname } = new URL(text);
  const isHub = HUB_HOSTS.includes(host);
  if (!isHub && !text.startsWith(`${own}/`)) return undefined;
  const base = isHub && !text.startsWith(`${own}/`) ? HUB_BASE : own;
  const prefix = isHub ? '' : new URL(own).pathname.replace(/\/$/, '');
  const parts = pathname.slice(prefix.length).split('/').filter(Boolean).map(decode);
  if (parts.length === 0 || PAGES.test(parts[0]!)) return undefined;
  refuseOtherKinds(parts[0]!, origin);
  const kind = parts.findIndex((part, i) => i > 0 && i < 3 && /^(?:tree|blob|resolve|raw)$/.test(part));
  const id = parts.slice(0, kind > 0 ? kind : 2).join('/');
  if (!isRepo(id)) return undefined;
  if (kind < 0 || parts.length === kind + 1) return { base, id, revision: REVISION };
  return readRevision(base, id, parts.slice(kind + 1));
}

function readRevision(base: string, id: string, parts: readonly string[]): HubAddress | undefined {
  const depth = parts[0] === 'refs' && parts.length >= 3 ? 3 : 1;
  const revision = parts.slice(0, depth).join('/');
  return revision === '' ? undefined : { base, id, revision, ...pathOf(parts.slice(depth)) };
}

const pathOf = (parts: readonly string[]): { path?: string } => {
  const path = parts.filter(Boolean).join('/');
  return path ? { path } : {};
};

const isRepo = (id: string): boolean =>
  id.split('/').length <= 2 && id.split('/').every((name) => NAME.test(name) && !/--|\.\./.test(name));

function refuseOtherKinds(first: string, origin = ''): void {
  const kind = OTHER_KINDS[first];
  if (kind)
    throw refuse(`${origin ? `${origin}/` : ''}${first}/… is ${kind}, not a model; repos of models can be opened`);
}

const refuse = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });

function splitOnce(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
