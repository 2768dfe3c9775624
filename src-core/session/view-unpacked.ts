/** Packed weights as the numbers they stand for, without an edit: what values, statistics and comparisons are of. */
import { describeError, toErrorInfo } from '../base/errors.ts';
import { changeState, nextStorage } from '../model/change-state.ts';
import type { NewEntry } from '../model/edited-entries.ts';
import { findRow } from '../model/find-row.ts';
import { findPacked, hasCodes } from '../model/packed/find-packed.ts';
import { type PackedWeight, wordPacking } from '../model/packed/packed-weight.ts';
import { keyOfPath, renamePath } from '../model/rename-path.ts';
import type { EntryId, Storage, TensorValue } from '../model/state-dict.ts';
import { planWeight, unpackWeight } from '../ops/unpack-weight.ts';
import { findEntry } from './describe.ts';
import type { Document } from './document.ts';
import { readPackedConfig, readState } from './unpack.ts';

/** What a tensor has to do with a packed weight. */
export interface PackedDescription extends Pick<PackedWeight, 'key' | 'scheme' | 'bits' | 'group'> {
  /** For people: `GPTQ, 4 bits, groups of 128`. */
  readonly packing: string;
  /** The entry that holds the codes. */
  readonly codes: { readonly id: EntryId; readonly key: string };
  /** The entries that are nothing without it: scales, zero points. */
  readonly parts: readonly { readonly id: EntryId; readonly key: string }[];
  /** The weight, of the entry that holds the codes; absent where it cannot be made, and `why` says why. */
  readonly unpacked?: { readonly value: TensorValue; readonly storage: Storage };
  readonly why?: string;
}

/**
 * The document with packed weights (GPTQ, AWQ, bitsandbytes, MLX, compressed-tensors, FP8, NVFP4, MXFP4) as tensors of the numbers they stand
 * for: in the place of their codes, under the same ids and keys. Scales and zero points stay as they are. The document itself where none of
 * `rows` (of all entries, without it) is packed. Whatever takes a document takes this one: `readValues` reads the codes and scales that a slice
 * needs, `scanStats` computes over the numbers.
 *
 * Reads `config.json` beside the file, and of bitsandbytes' 4-bit weights the few hundred bytes that tell their shape. A weight that cannot be
 * made has no data, with the reason.
 *
 * @throws `cancelled`
 */
export async function viewUnpacked(
  document: Document,
  rows?: Iterable<EntryId>,
  signal?: AbortSignal,
): Promise<Document> {
  const { state } = document;
  const found = await listPacked(document, signal);
  const wanted = rows && new Set(rows);
  const weights = wanted ? found.filter(({ row }) => wanted.has(row)) : found;
  if (weights.length === 0) return document;
  const { storages, made } = await makeAll(document, weights, signal);
  const replace = new Map<EntryId, NewEntry>();
  weights.forEach(({ row }, i) => {
    replace.set(row, { ...state.entries.at(row), value: (made[i] as Made).value });
  });
  // The entries are the same still: so is what is wrong with them.
  return { ...document, state: { ...changeState(state, { storages, replace }), problems: state.problems } };
}

/**
 * Two documents to be held against each other: packed weights are the numbers they stand for, and are called by their own names
 * (`q_proj.weight`, not `q_proj.qweight`) where the other document has no such codes. Ids are as they were; a document in which nothing is
 * packed is itself. Reads as `viewUnpacked` does.
 */
export async function viewPaired(
  a: Document,
  b: Document,
  signal?: AbortSignal,
): Promise<readonly [a: Document, b: Document]> {
  return Promise.all([viewNamed(a, b, signal), viewNamed(b, a, signal)]);
}

async function viewNamed(document: Document, other: Document, signal: AbortSignal | undefined): Promise<Document> {
  const view = await viewUnpacked(document, undefined, signal);
  if (view === document) return document;
  const { state } = view;
  const replace = new Map<EntryId, NewEntry>();
  for (const { key, row } of await listPacked(document, signal)) {
    const entry = state.entries.at(row);
    const isTaken = findRow(state, key) !== undefined;
    if (isTaken || findRow(other.state, entry.key) !== undefined) continue;
    const path = renamePath(entry.path, key);
    replace.set(row, { ...entry, path, key: keyOfPath(path) });
  }
  return replace.size === 0 ? view : { ...view, state: changeState(state, { replace }) };
}

const unpackedDocuments = new WeakMap<Document, Promise<Document>>();

/**
 * The document as the edit `unpack` leaves it: packed weights under names of their own, without their scales and zero points. What computes
 * with a model takes this one. Weights that cannot be made stay as they are packed. The same object for the same document, and the document
 * itself where nothing is packed. Reads as `viewUnpacked` does.
 */
export function unpackDocument(document: Document): Promise<Document> {
  const known = unpackedDocuments.get(document);
  if (known) return known;
  const unpacked = unpackAll(document);
  unpackedDocuments.set(document, unpacked);
  unpacked.catch(() => unpackedDocuments.delete(document));
  return unpacked;
}

async function unpackAll(document: Document): Promise<Document> {
  const { state } = document;
  const weights = await listPacked(document);
  if (weights.length === 0) return document;
  const { storages, made } = await makeAll(document, weights);
  const replace = new Map<EntryId, NewEntry>();
  const remove = new Set<EntryId>();
  weights.forEach(({ key, row, parts }, i) => {
    const { value, why } = made[i] as Made;
    const there = findRow(state, key);
    if (why !== undefined || (there !== undefined && there !== row)) return;
    const entry = state.entries.at(row);
    const path = renamePath(entry.path, key);
    replace.set(row, { ...entry, path, key: keyOfPath(path), value });
    for (const part of parts) remove.add(part);
  });
  return { ...document, state: changeState(state, { storages, replace, remove }) };
}

/**
 * What an entry has to do with a packed weight; undefined for others. Reads as `viewUnpacked` does.
 *
 * @throws `not-found` for an id that is not in the document, `cancelled`.
 */
export async function describePacked(
  document: Document,
  id: EntryId,
  signal?: AbortSignal,
): Promise<PackedDescription | undefined> {
  findEntry(document, id);
  const found = await listPacked(document, signal);
  const weight = found.find(({ row, parts }) => row === id || parts.includes(id));
  if (!weight) return undefined;
  const { key, scheme, bits, group, row, parts } = weight;
  const nameOf = (id: EntryId) => ({ id, key: document.state.entries.at(id).key });
  const about = {
    ...{ key, scheme, bits, ...(group !== undefined && { group }) },
    packing: wordPacking(weight),
    codes: nameOf(row),
    parts: parts.map(nameOf),
  };
  if (id !== row) return about;
  const { why, ...unpacked } = await make(document, weight, nextStorage(document.state), signal);
  return why === undefined ? { ...about, unpacked } : { ...about, why };
}

async function makeAll(
  document: Document,
  weights: readonly PackedWeight[],
  signal?: AbortSignal,
): Promise<{ readonly storages: readonly Storage[]; readonly made: readonly Made[] }> {
  const first = nextStorage(document.state);
  const made = await Promise.all(weights.map((weight, i) => make(document, weight, first + i, signal)));
  return { storages: made.map(({ storage }) => storage), made };
}

interface Made {
  readonly value: TensorValue;
  readonly storage: Storage;
  /** Why it has no data. */
  readonly why?: string;
}

async function make(document: Document, weight: PackedWeight, id: number, signal?: AbortSignal): Promise<Made> {
  const { state } = document;
  try {
    const quantState = weight.state === undefined ? undefined : await readState(document, weight, weight.state, signal);
    const { value, storage } = unpackWeight(state, planWeight(state, weight, quantState), id);
    return { value, storage: { ...storage, id } };
  } catch (error) {
    const info = toErrorInfo(error);
    if (info.kind === 'cancelled' || info.kind === 'internal') throw error;
    const why = describeError(info);
    const value = state.entries.at(weight.row).value as TensorValue;
    const byteLength = state.storages.get(value.storage ?? -1)?.byteLength ?? 0;
    const storage: Storage = { id, byteLength, endian: 'little', data: { kind: 'absent', why } };
    return { value: { ...value, storage: id }, storage, why };
  }
}

/** The packed weights of a document, by what `config.json` beside it leaves open, in the order of their entries. */
export async function listPacked(document: Document, signal?: AbortSignal): Promise<readonly PackedWeight[]> {
  const { state } = document;
  return hasCodes(state) ? findPacked(state, await readPackedConfig(document, signal)) : [];
}
