import { planTensor } from '../compute/plan.ts';
import type { Entry, EntryId, TensorValue, Value } from '../model/state-dict.ts';
import { bitsOf } from '../tensor/dtype.ts';
import type { Document } from './document.ts';
import type { Pool } from './ports.ts';
import { type Job, runJobs, sumProgress } from './run-plan.ts';
import type { ScanOptions } from './scan.ts';

/**
 * Names for what a state dict holds, whatever file it is in.
 *
 * Content of a tensor: its elements in C order, little-endian, densely packed, in chunks of 16 MiB (6-bit
 * types: of 22,369,616 elements); of types in blocks, its blocks as they are stored; SHA-256 over the SHA-256 digests of the chunks. Of anything else: SHA-256 of its value as JSON. Content of a
 * document: SHA-256 over lines `key TAB dtype TAB shape TAB digest`, sorted by key as UTF-16, each ended by a line feed; keys
 * are written as JSON texts. The structural fingerprint is the same without digests. The order of entries, metadata and the
 * format are in neither.
 */
export interface DocumentHash {
  /** Hexadecimal. Absent when the bytes of a tensor are not here. */
  readonly content?: string;
  /** Names, types and shapes alone. */
  readonly structure: string;
  readonly entries: readonly EntryHash[];
}

export interface EntryHash {
  readonly id: EntryId;
  /** Hexadecimal; absent when there are no bytes. */
  readonly digest?: string;
}

/**
 * Reads every tensor and hashes it.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function hashDocument(document: Document, pool: Pool, options: ScanOptions = {}): Promise<DocumentHash> {
  const { entries } = document.state;
  const all = Array.from({ length: entries.length }, (_, row) => entries.at(row));
  const tensors = all.map(({ value }) => asTensor(value));
  const digests = new Map<EntryId, string>();
  for (const [row, digest] of (await digestTensors(document, tensors, pool, options)).entries())
    if (digest !== undefined) digests.set(row, digest);
  for (const entry of all) {
    if (entry.value.type !== 'tensor' && entry.value.type !== 'bytes') {
      digests.set(entry.id, await sha256(new TextEncoder().encode(JSON.stringify(entry.value))));
    }
  }
  const isWhole = all.every((entry) => digests.has(entry.id));
  return {
    ...(isWhole && { content: await hashLines(all, (entry) => `\t${digests.get(entry.id)}`) }),
    structure: await fingerprintEntries(all),
    entries: all.map(({ id }) => {
      const digest = digests.get(id);
      return { id, ...(digest !== undefined && { digest }) };
    }),
  };
}

/** Names, types and shapes of a document's entries as one SHA-256, hexadecimal. Reads no data. */
export function fingerprintStructure(document: Document): Promise<string> {
  const { entries } = document.state;
  return fingerprintEntries(Array.from({ length: entries.length }, (_, row) => entries.at(row)));
}

const fingerprintEntries = (entries: readonly Entry[]): Promise<string> => hashLines(entries, () => '');

function hashLines(entries: readonly Entry[], more: (entry: Entry) => string): Promise<string> {
  const lines = entries.map((entry) => {
    const { value } = entry;
    const what = value.type === 'tensor' && !value.undeclared ? `${value.dtype}\t[${value.shape}]` : `${value.type}\t`;
    return { key: entry.key, line: `${JSON.stringify(entry.key)}\t${what}${more(entry)}\n` };
  });
  lines.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.line < b.line ? -1 : 1));
  return sha256(new TextEncoder().encode(lines.map(({ line }) => line).join('')));
}

/**
 * SHA-256 of the content of tensors, hexadecimal, in their order; undefined for one without bytes, and for what is no tensor.
 * What looks at the same bytes in the same way is read once.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function digestTensors(
  document: Pick<Document, 'state' | 'files'>,
  tensors: readonly (TensorValue | undefined)[],
  pool: Pool,
  options: ScanOptions = {},
): Promise<readonly (string | undefined)[]> {
  const jobs = listJobs(document, tensors);
  const total = jobs.reduce((sum, job) => sum + job.bytes, 0);
  const found = new Array<string | undefined>(tensors.length).fill(undefined);
  await runJobs<'digest', DigestJob>(
    jobs,
    pool,
    (job, digest) => job.digests.push(digest),
    async (job) => {
      const digest = await sha256(joinBytes(job.digests));
      for (const place of job.places) found[place] = digest;
    },
    { signal: options.signal, onProgress: sumProgress(total, options.onProgress) },
  );
  return found;
}

interface DigestJob extends Job<'digest'> {
  readonly places: number[];
  readonly bytes: number;
  readonly digests: Uint8Array[];
}

/** One job for each way to look at a storage. Tensors without bytes have none. */
function listJobs(
  { state, files }: Pick<Document, 'state' | 'files'>,
  tensors: readonly (TensorValue | undefined)[],
): readonly DigestJob[] {
  const jobs = new Map<string, DigestJob>();
  for (const [place, view] of tensors.entries()) {
    const storage = view?.storage === undefined ? undefined : state.storages.get(view.storage);
    if (!view || view.undeclared || !storage || storage.data.kind === 'absent' || bitsOf(view.dtype) === undefined)
      continue;
    const key = JSON.stringify([view.storage, view.dtype, view.offset, view.shape, view.strides ?? null]);
    const known = jobs.get(key);
    if (known) {
      known.places.push(place);
      continue;
    }
    const { tasks, bytes } = planTensor('digest', view, storage, files);
    jobs.set(key, { places: [place], tasks, bytes, digests: [] });
  }
  return [...jobs.values()];
}

/** A tensor, or bytes as one. */
export function asTensor(value: Value): TensorValue | undefined {
  if (value.type === 'tensor') return value;
  if (value.type !== 'bytes') return undefined;
  return { type: 'tensor', dtype: 'u8', shape: [value.length], offset: 0, storage: value.storage };
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
