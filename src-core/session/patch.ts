/**
 * The difference of two state dicts as one safetensors file: a recipe in its metadata, and the tensors that the recipe takes from the file
 * itself. docs/patch.md has the form.
 */
import { StateglassError } from '../base/errors.ts';
import { encodeHeader } from '../formats/safetensors/encode-header.ts';
import type { Edit } from '../model/edit.ts';
import { listEntries } from '../model/entries.ts';
import { findRow } from '../model/find-row.ts';
import { keyOfRow } from '../model/key-text.ts';
import { KEY_SYNTAXES } from '../model/keys/recognise.ts';
import type { RenameRule } from '../model/keys/rename-rules.ts';
import type { Entry, StateDict, TensorValue } from '../model/state-dict.ts';
import { compareDocuments } from './compare.ts';
import type { CompareValuesOptions, RowPair } from './compare-values.ts';
import type { Document } from './document.ts';
import { attachDonor } from './donors.ts';
import { applyEdit, type EditedDocument, startEditing } from './edits.ts';
import { type ExportPlan, planExport } from './export.ts';
import { matchValues } from './match-values.ts';
import { renameEdits, takeEdits } from './merge-edits.ts';
import { diffSavedMetadata, setMetadata } from './merge-metadata.ts';
import { PATCH_DONOR, writePatchMetadata } from './patch-file.ts';
import { listNeeds } from './patch-fit.ts';
import { argsOfValue, listNewCells } from './patch-values.ts';
import type { Pool } from './ports.ts';
import { listSurePairs } from './three-way.ts';
import { viewKey } from './view-key.ts';

export interface PatchOptions extends CompareValuesOptions {
  readonly pool: Pool;
  /** From A's keys to B's. */
  readonly rules?: readonly RenameRule[];
}

export interface PatchPlan extends ExportPlan {
  /** What makes A as B is. */
  readonly edits: readonly Edit[];
}

/** Entries by their rows in A and B; −1 where one has none. */
interface Changes {
  readonly gone: readonly number[];
  readonly added: readonly number[];
  readonly changed: readonly RowPair[];
  readonly renamed: readonly RowPair[];
}

/**
 * Plans a patch that makes A as B is: names, values and, of one format, metadata; not the order of entries, nor their roles. Tensors are
 * whole in it, or only named cells where few changed.
 *
 * @throws `unsupported` for what a patch does not carry: objects, bytes, tensors that safetensors has no type for; `bad-input` for a key
 * that two entries have; `cancelled`, `source`.
 */
export async function planPatch(a: Document, b: Document, options: PatchOptions): Promise<PatchPlan> {
  const changes = await findChanges(a, b, options);
  const { gone, added, changed, renamed } = changes;
  const [keyA, keyB] = [ownKeys(a), ownKeys(b)];
  const names = renamed.map((pair) => [keyA(pair.a), keyB(pair.b)] as const);
  // What cannot be set where it stands is taken out, and added.
  const swapped = changed.filter((pair) => isTensor(a, pair.a) !== isTensor(b, pair.b));
  const removed = [...gone, ...swapped.map((pair) => pair.a)];
  const moves: Edit[] = [
    ...(removed.length > 0 ? [{ op: 'delete', args: { keys: removed.map(keyA) } }] : []),
    ...renameEdits(a.state, names),
  ];
  const moved = moves.reduce(applyEdit, startEditing(a));
  const stays = changed.filter((pair) => !swapped.includes(pair));
  const cells = await findCells(moved, a, b, stays, keyB, options);
  const values: Edit[] = [];
  const taken: number[] = [];
  for (const pair of stays) {
    if (cells.has(pair)) values.push(...(cells.get(pair) as readonly Edit[]));
    else if (isTensor(b, pair.b)) taken.push(pair.b);
    else values.push({ op: 'set-value', args: { key: keyB(pair.b), ...argsOfValue(b.state.entries.at(pair.b)) } });
  }
  for (const row of [...added, ...swapped.map((pair) => pair.b)]) {
    if (isTensor(b, row)) taken.push(row);
    else values.push({ op: 'add-entry', args: { key: keyB(row), ...argsOfValue(b.state.entries.at(row)) } });
  }
  const { rows, takings, ties } = shareTies(b, taken, keyB);
  const metadata = a.state.format === b.state.format ? diffSavedMetadata(a, b) : [];
  const edits: Edit[] = [
    ...moves,
    ...values,
    ...takeEdits(moved.state, PATCH_DONOR, takings),
    ...ties.map((keys) => ({ op: 'tie', args: { keys } })),
    ...metadata.map(({ section, key, b: node }) => setMetadata(section, key, node)),
  ];
  const touched = [...removed, ...renamed.map((pair) => pair.a), ...stays.map((pair) => pair.a)];
  const free = [...added.map(keyB), ...names.map(([, to]) => to)].filter((key) => findRow(a.state, key) === undefined);
  const needs = await listNeeds(a.state, [...new Set(touched)].map(keyA), free);
  const holder = holdTensors(b, rows, keyB, writePatchMetadata({ from: a.name, to: b.name, needs, edits }));
  await requireSame(
    edits.reduce(applyEdit, attachDonor(startEditing(a), PATCH_DONOR, holder)),
    b,
    changes,
    keyB,
    options,
  );
  return { ...(rows.length > 0 ? await planExport(holder, { format: 'safetensors' }) : planHeader(holder)), edits };
}

/** Names and texts alone: there is no tensor to write, which an export would refuse. */
function planHeader(document: Document): ExportPlan {
  const items = document.state.metadata.map(({ key, value }) => [key, (value as { value: string }).value] as const);
  const bytes = encodeHeader([], items, 'patch');
  const originOf = (value: TensorValue) => ({ key: '', value, bytes: 0 });
  return {
    size: bytes.length,
    parts: () => [{ kind: 'bytes', bytes }],
    losses: [],
    tensors: 0,
    document,
    originOf,
    elementBytes: 0,
  };
}

async function findChanges(a: Document, b: Document, options: PatchOptions): Promise<Changes> {
  const { rules, signal, pool } = options;
  const given = { ...(rules && { rules }), ...(signal && { signal }) };
  const { pairing } = await compareDocuments(a, b, { contents: true, guess: false, ...given });
  const pairs = listSurePairs(pairing);
  const both = pairs.flatMap(([rowA, rowB]): RowPair[] => (rowA < 0 || rowB < 0 ? [] : [{ a: rowA, b: rowB }]));
  const same = await matchValues(a, b, both, pool, options);
  const [columnsA, columnsB] = [a.state.entries.columns(), b.state.entries.columns()];
  return {
    gone: pairs.flatMap(([rowA, rowB]) => (rowB < 0 ? [rowA] : [])),
    added: pairs.flatMap(([rowA, rowB]) => (rowA < 0 ? [rowB] : [])),
    changed: both.filter((_, i) => !same[i]),
    renamed: both.filter((pair) => keyOfRow(columnsA, pair.a) !== keyOfRow(columnsB, pair.b)),
  };
}

/** Edits of single cells, for pairs that are as in B then, to the bit. */
async function findCells(
  moved: EditedDocument,
  a: Document,
  b: Document,
  pairs: readonly RowPair[],
  keyB: (row: number) => string,
  options: PatchOptions,
): Promise<ReadonlyMap<RowPair, readonly Edit[]>> {
  const tied = new Set(a.state.shares.flatMap(({ owner, aliases }) => [owner, ...aliases]));
  const untied = pairs.filter((pair) => !tied.has(pair.a));
  const cells = await listNewCells(a, b, untied, options.pool, options);
  const edits = new Map(
    [...cells].map(([pair, list]) => [
      pair,
      list.map((cell): Edit => ({ op: 'set-elements', args: { key: keyB(pair.b), ...cell } })),
    ]),
  );
  const edited = [...edits.values()].flat().reduce(applyEdit, moved);
  const made = [...edits.keys()].map((pair) => ({ a: findRow(edited.state, keyB(pair.b)) as number, b: pair.b }));
  const same = await matchValues(edited, b, made, options.pool, options);
  return new Map([...edits].filter((_, i) => same[i]));
}

/** Of tied tensors the file holds one: the others are taken from it too, and tied. */
function shareTies(b: Document, taken: readonly number[], keyB: (row: number) => string) {
  const groups = new Map<string, number[]>();
  for (const row of taken) {
    const { value } = b.state.entries.at(row);
    const view = (value.type === 'tensor' && viewKey(value)) || `row ${row}`;
    groups.set(view, [...(groups.get(view) ?? []), row]);
  }
  const all = [...groups.values()];
  return {
    rows: all.map(([row]) => row as number),
    takings: all.flatMap((rows) => rows.map((row) => ({ from: keyB(rows[0] as number), to: keyB(row) }))),
    ties: all.flatMap((rows) => (rows.length > 1 ? [rows.map(keyB)] : [])),
  };
}

/** The tensors of B that the file holds, under their names with dots. */
function holdTensors(
  b: Document,
  rows: readonly number[],
  keyB: (row: number) => string,
  metadata: StateDict['metadata'],
): Document {
  const entries = rows.map((row, id): Entry => {
    const key = keyB(row);
    return { ...b.state.entries.at(row), id, key, path: KEY_SYNTAXES.dotted.parse(key) };
  });
  const { storages, files } = b.state;
  const state: StateDict = {
    format: 'safetensors',
    dialect: 'generic',
    layout: 'flat',
    entries: listEntries(entries),
    storages,
    nodes: new Map(),
    shares: [],
    metadata,
    problems: [],
    files,
  };
  return { ...b, state };
}

/** @throws `unsupported` when what the edits make is not what B holds: a value that is spelled in no JSON. */
async function requireSame(
  made: EditedDocument,
  b: Document,
  { changed, added }: Changes,
  keyB: (row: number) => string,
  options: PatchOptions,
): Promise<void> {
  const rows = [...changed.map((pair) => pair.b), ...added].filter((row) => !isTensor(b, row));
  const pairs = rows.map((row) => ({ a: findRow(made.state, keyB(row)) as number, b: row }));
  const same = await matchValues(made, b, pairs, options.pool, options);
  const other = pairs.find((_, i) => !same[i]);
  if (!other) return;
  const detail = 'its value cannot be written as JSON, and a patch carries no other';
  throw new StateglassError({ kind: 'unsupported', file: keyB(other.b), format: 'patch', detail });
}

const isTensor = ({ state }: Document, row: number): boolean => state.entries.at(row).value.type === 'tensor';

/** @throws `bad-input` for a key that another entry has before it. */
function ownKeys({ name, state }: Document): (row: number) => string {
  const columns = state.entries.columns();
  return (row) => {
    const key = keyOfRow(columns, row);
    if (findRow(state, key) === row) return key;
    throw new StateglassError({ kind: 'bad-input', detail: `${key} is the key of two entries of ${name}` });
  };
}
