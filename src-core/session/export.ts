import { StateglassError } from '../base/errors.ts';
import type { WritePlan, Writer } from '../formats/format.ts';
import { WRITERS } from '../formats/writers.ts';
import { listEntries } from '../model/entries.ts';
import type { Entry, EntryId, Problem, StateDict, Storage } from '../model/state-dict.ts';
import { listStorages } from '../model/storages.ts';
import { parseSlice } from '../tensor/slice.ts';
import type { Document } from './document.ts';
import { tensorOf } from './values.ts';
import { type Origin, planWritten, type Written, type WrittenAs } from './written-tensors.ts';

/** What of a document is written, and as what. */
export interface ExportRequest extends WrittenAs {
  /** Entries, by row; all when absent. */
  readonly rows?: Iterable<number> | undefined;
  /** A part of the one tensor that is chosen, as NumPy writes it. */
  readonly slice?: string | undefined;
  /** Id of the format to write: `listWriters`. */
  readonly format: string;
}

/** A file that is not written yet: nothing of the tensors has been read. */
export interface ExportPlan extends WritePlan {
  /** Tensors in the file. */
  readonly tensors: number;
  /** Where the elements of the parts come from, by storage. */
  readonly origins: readonly Origin[];
  /** What the parts are read from. */
  readonly document: Document;
}

export interface WriterInfo extends Pick<Writer, 'id' | 'label' | 'holds'> {
  /** With the dot. */
  readonly extension: string;
}

/** What can be written, in the order to offer it. */
export const listWriters = (): readonly WriterInfo[] =>
  WRITERS.map(({ id, label, holds, extensions }) => ({ id, label, holds, extension: extensions[0] as string }));

/**
 * Plans a file of a document's entries, of some of them, or of a slice of one. Reads no tensor. `losses` tell what is not in the file
 * or not as it was; what would be approximated is refused.
 *
 * @throws `unsupported` for what the format cannot hold as it is, `bad-input` for a slice that does not fit, for several
 * tensors where the format holds one and for names that repeat, `not-found` for tensors whose bytes are not here.
 */
export async function planExport(document: Document, request: ExportRequest): Promise<ExportPlan> {
  const writer = WRITERS.find(({ id }) => id === request.format);
  if (!writer) throw new StateglassError({ kind: 'bad-input', detail: `no format ${request.format} to write` });
  const { write } = await writer.load();
  const entries = chooseEntries(document.state, request.rows);
  const written: Written[] = [];
  const chosen: Entry[] = [];
  const storages: Storage[] = [];
  const slice = request.slice === undefined ? undefined : sliceOfOne(entries, request.slice);
  for (const entry of entries) {
    if (entry.value.type !== 'tensor') {
      chosen.push(entry);
      continue;
    }
    const one = planWritten(document, entry, slice, request);
    const { dtype, shape } = one;
    const storage = written.push(one) - 1;
    storages.push({ id: storage, byteLength: 0, endian: 'little', data: { kind: 'slices', slices: [] } });
    chosen.push({ ...entry, value: { type: 'tensor', dtype, shape, offset: 0, storage } });
  }
  const state: StateDict = {
    ...document.state,
    entries: listEntries(chosen),
    storages: listStorages(storages),
    // What a zip says of itself is not of the content.
    metadata: document.state.metadata.filter(({ section }) => section !== 'archive'),
    shares: [],
    problems: [],
  };
  const plan = write(state);
  const losses = [...plan.losses, ...tellTies(document.state, entries), ...tellChanges(written, request)];
  return { ...plan, losses, tensors: written.length, origins: written.map(({ origin }) => origin), document };
}

function chooseEntries({ entries }: StateDict, rows: Iterable<number> | undefined): readonly Entry[] {
  // In the order of the file, whatever the order they were found in.
  const chosen =
    rows === undefined ? Array.from({ length: entries.length }, (_, row) => row) : [...rows].sort((a, b) => a - b);
  return chosen.map((row) => entries.at(row));
}

function sliceOfOne(entries: readonly Entry[], text: string) {
  const [entry] = entries;
  if (!entry || entries.length !== 1)
    throw new StateglassError({
      kind: 'bad-input',
      detail: `a slice is of one tensor, and ${entries.length} are chosen`,
    });
  return parseSlice(text, tensorOf(entry).shape);
}

/** Each is written with bytes of its own. */
function tellTies({ shares }: StateDict, entries: readonly Entry[]): readonly Problem[] {
  if (shares.length === 0) return [];
  const keys = new Map<EntryId, string>(entries.map(({ id, key }) => [id, key]));
  const tied = shares
    .map(({ owner, aliases }) => [owner, ...aliases].flatMap((id) => keys.get(id) ?? []))
    .filter((names) => names.length > 1);
  const [first] = tied;
  if (!first) return [];
  const more = tied.length > 1 ? ` (as do ${tied.length - 1} more groups)` : '';
  const message = `${first[0]} and ${first[1]}${first.length > 2 ? ` and ${first.length - 2} more` : ''} share memory${more}: each is written in full.`;
  return [{ code: 'tie-lost', severity: 'note', message }];
}

function tellChanges(written: readonly Written[], { as }: WrittenAs): readonly Problem[] {
  const count = (change: Written['change']) => written.filter((one) => one.change === change).length;
  const tensors = (n: number) => (n === 1 ? 'One tensor is' : `${n} tensors are`);
  const losses: Problem[] = [];
  const widened = count('widened');
  const dequantised = count('dequantised');
  const stored = count('stored integers');
  if (widened > 0)
    losses.push({
      code: 'widened',
      severity: 'note',
      message: `${tensors(widened)} written as f32, with the same values.`,
    });
  if (dequantised > 0)
    losses.push({
      code: 'dequantised',
      severity: 'note',
      message: `${tensors(dequantised)} written as the values that its stored integers stand for, in f32.`,
    });
  if (stored > 0)
    losses.push({
      code: 'scales-lost',
      severity: 'warning',
      message: `${tensors(stored)} written as stored integers: the scales that make values of them are left out.`,
    });
  const kept = as === 'f32' ? written.filter(({ dtype }) => dtype === 'f64').length : 0;
  if (kept > 0)
    losses.push({
      code: 'kept-wide',
      severity: 'note',
      message: `${tensors(kept)} left in f64: f32 would round the values.`,
    });
  return losses;
}
