import { type ErrorInfo, StateglassError, toErrorInfo } from '../base/errors.ts';
import type { Writer } from '../formats/format.ts';
import { WRITERS } from '../formats/writers.ts';
import { listEntries } from '../model/entries.ts';
import type { Entry, Problem, StateDict, Storages } from '../model/state-dict.ts';
import { parseSlice } from '../tensor/slice.ts';
import type { Document } from './document.ts';
import { tellChanges, tellTies } from './export-losses.ts';
import { tensorOf } from './values.ts';
import type { CarriedPlan } from './write-plan.ts';
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
export interface ExportPlan extends CarriedPlan {
  /** Tensors in the file. */
  readonly tensors: number;
}

export interface WriterInfo extends Pick<Writer, 'id' | 'label' | 'holds'> {
  /** With the dot. */
  readonly extension: string;
}

/** What can be written, in the order to offer it. */
export const listWriters = (): readonly WriterInfo[] => WRITERS.map(infoOf);

const infoOf = ({ id, label, holds, extensions }: Writer): WriterInfo => ({
  id,
  label,
  holds,
  extension: extensions[0] as string,
});

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
  return planWith(writer, prepare(document, request));
}

/** What the file would be in one format: its size where that is known without reading, or why there is none. */
export type ExportForm = WriterInfo &
  (
    | { readonly losses: readonly Problem[]; readonly size?: number; readonly error?: undefined }
    | { readonly error: ErrorInfo }
  );

/**
 * The same in every format, to choose from. Reads no tensor.
 *
 * @throws what has nothing to do with a format: a slice that does not fit, tensors whose bytes are not here.
 */
export async function listExportForms(
  document: Document,
  request: Omit<ExportRequest, 'format'>,
): Promise<readonly ExportForm[]> {
  const prepared = prepare(document, request);
  return Promise.all(
    WRITERS.map(async (writer): Promise<ExportForm> => {
      try {
        const { size, losses } = await planWith(writer, prepared);
        return { ...infoOf(writer), losses, ...(size !== undefined && { size }) };
      } catch (error) {
        return { ...infoOf(writer), error: toErrorInfo(error) };
      }
    }),
  );
}

/** Writers say where elements belong; where they come from is in the origins, which have the storages' numbers. */
const NO_STORAGES: Storages = { size: 0, get: () => undefined };

interface Prepared {
  readonly document: Document;
  /** What is to be written: dense tensors, whose storages number `origins`. */
  readonly state: StateDict;
  /** Of the document, by the rows of `state`. */
  readonly chosen: readonly Entry[];
  readonly origins: readonly Origin[];
  readonly losses: readonly Problem[];
}

function prepare(document: Document, request: Omit<ExportRequest, 'format'>): Prepared {
  const entries = chooseEntries(document.state, request.rows);
  const slice = request.slice === undefined ? undefined : sliceOfOne(entries, request.slice);
  const written: Written[] = [];
  const tied = new Set(document.state.shares.flatMap(({ owner, aliases }) => [owner, ...aliases]));
  const storageOfTied = new Map<string, number>();
  const chosen = entries.map((entry): Entry => {
    if (entry.value.type !== 'tensor') return entry;
    const one = planWritten(document, entry, slice, request);
    const same = tied.has(entry.id) ? JSON.stringify(entry.value) : undefined;
    const storage = (same === undefined ? undefined : storageOfTied.get(same)) ?? written.push(one) - 1;
    if (same !== undefined) storageOfTied.set(same, storage);
    return { ...entry, value: { type: 'tensor', dtype: one.dtype, shape: one.shape, offset: 0, storage } };
  });
  const state: StateDict = {
    ...document.state,
    entries: listEntries(chosen),
    storages: NO_STORAGES,
    // What a zip says of itself is not of the content.
    metadata: document.state.metadata.filter(({ section }) => section !== 'archive'),
    shares: [],
    problems: [],
  };
  const losses = tellChanges(written, request);
  return { document, state, chosen: entries, origins: written.map(({ origin }) => origin), losses };
}

async function planWith(writer: Writer, prepared: Prepared): Promise<ExportPlan> {
  const { document, state, chosen, origins, losses } = prepared;
  const { write } = await writer.load();
  const plan = write(state);
  const ties = tellTies(document.state, chosen, writer.keepsTies ? state : undefined);
  return {
    ...plan,
    losses: [...plan.losses, ...ties, ...losses],
    tensors: chosen.filter(({ value }) => value.type === 'tensor').length,
    document,
    originOf: ({ storage }) => origins[storage as number] as Origin,
    elementBytes: origins.reduce((sum, { bytes }) => sum + bytes, 0),
  };
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
