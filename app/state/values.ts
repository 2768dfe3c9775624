import { create } from 'zustand';
import { type EntryId, NO_SHAPE, whyNotDecodable } from '../../src-core/index.ts';
import type { DocumentId, EntryDetail, OpenedDocument } from '../engine/api.ts';
import { explorerOf } from './explorer.ts';
import { isEmpty, type Shown, showFirst, shownText, showSlice } from './shown-slice.ts';
import { sampleAhead } from './value-sample.ts';
import { forgetTiles, valueTiles } from './value-tiles.ts';

/** `both`: numbers beside their picture. */
export type ValuesMode = 'both' | 'numbers' | 'heatmap' | 'images' | 'hex';

interface ValuesState {
  /** Slices a person chose, by `document/entry`. */
  readonly slices: Readonly<Record<string, Shown>>;
  /** The last one chosen for a shape, by `document/shape`: a step to the neighbour keeps it. */
  readonly byShape: Readonly<Record<string, Shown>>;
  readonly mode: ValuesMode;
  /** Stored integers of quantised tensors, not what they stand for. */
  readonly raw: boolean;
  /** `auto`: diverging where the numbers have both signs. */
  readonly ramp: 'auto' | 'diverging' | 'sequential';
  readonly range: 'symmetric' | 'full' | 'percentile';
  /** Colours behind the numbers of the grid too. */
  readonly tint: boolean;
}

export const useValues = create<ValuesState>(() => ({
  slices: {},
  byShape: {},
  mode: 'both',
  raw: false,
  ramp: 'auto',
  range: 'percentile',
  tint: false,
}));

const entryKey = (document: DocumentId, entry: EntryId) => `${document}/${entry}`;
const shapeKey = (document: DocumentId, shape: readonly number[]) => `${document}/${shape}`;

export function shapeOfEntry(document: OpenedDocument, entry: EntryId): readonly number[] | undefined {
  const { tree } = document;
  const code = tree.shape[tree.nodeOfEntry[entry] ?? 0] ?? NO_SHAPE;
  return code === NO_SHAPE ? undefined : tree.shapes[code];
}

const firsts = new WeakMap<readonly number[], Shown>();

/** The same object for the same shape, so that nothing redraws for it. */
function firstOf(shape: readonly number[]): Shown {
  const first = firsts.get(shape) ?? showFirst(shape);
  firsts.set(shape, first);
  return first;
}

const pick = (state: ValuesState, document: DocumentId, entry: EntryId, shape: readonly number[]): Shown =>
  state.slices[entryKey(document, entry)] ?? state.byShape[shapeKey(document, shape)] ?? firstOf(shape);

/** The part of a tensor that is shown, or would be. */
export const useShownSlice = (document: DocumentId, entry: EntryId, shape: readonly number[]): Shown =>
  useValues((state) => pick(state, document, entry, shape));

/** As `useShownSlice`, for a store or a command. Undefined for what has no shape. */
export function shownSlice(document: DocumentId, entry: EntryId): Shown | undefined {
  const opened = explorerOf(document)?.document;
  const shape = opened && shapeOfEntry(opened, entry);
  return shape && pick(useValues.getState(), document, entry, shape);
}

/** The slice in the address bar: only what differs from what is shown first. */
export function shownSliceText(document: OpenedDocument, entry: EntryId): string | undefined {
  const shape = shapeOfEntry(document, entry);
  if (!shape) return undefined;
  const text = shownText(pick(useValues.getState(), document.id, entry, shape), shape);
  return text === shownText(firstOf(shape), shape) ? undefined : text;
}

export function chooseSlice(document: DocumentId, entry: EntryId, shape: readonly number[], shown: Shown): void {
  useValues.setState(({ slices, byShape }) => ({
    slices: { ...slices, [entryKey(document, entry)]: shown },
    byShape: { ...byShape, [shapeKey(document, shape)]: shown },
  }));
}

/** Shows the slice a link names; one that does not fit the tensor any more is passed over. */
export function landOnSlice(document: OpenedDocument, entry: EntryId, text: string): void {
  const shape = shapeOfEntry(document, entry);
  if (!shape) return;
  try {
    chooseSlice(document.id, entry, shape, showSlice(text, shape));
  } catch {
    // What is shown first is a better answer than an error about a link.
  }
}

/** Begins to read the first numbers and their picture while the page still draws what is around them. */
export function readAhead(document: DocumentId, { entry, storage }: EntryDetail, signal: AbortSignal): void {
  const { value: tensor, id } = entry;
  const { mode, raw, tint } = useValues.getState();
  if (tensor.type !== 'tensor' || storage === undefined || storage.data.kind === 'absent') return;
  if (mode === 'hex' || mode === 'images' || whyNotDecodable(tensor.dtype) !== undefined) return;
  const shown = pick(useValues.getState(), document, id, tensor.shape);
  const part = { document, entry: id, tensor, shown, raw: raw && tensor.quant !== undefined };
  if (isEmpty(shown) || signal.aborted) return;
  valueTiles(part).want({ from: 0, to: 1 }, { from: 0, to: 1 });
  if (mode !== 'numbers' || tint) sampleAhead(part, signal);
}

/** Numbers are read anew. The slices that were chosen stay, while every entry is where it was. */
export function refreshValues(document: DocumentId, moved: boolean): void {
  if (moved) forgetValues(document);
  else forgetTiles(document);
}

export function forgetValues(document: DocumentId): void {
  forgetTiles(document);
  const keep = (slices: Readonly<Record<string, Shown>>) =>
    Object.fromEntries(Object.entries(slices).filter(([key]) => !key.startsWith(`${document}/`)));
  useValues.setState(({ slices, byShape }) => ({ slices: keep(slices), byShape: keep(byShape) }));
}

export const chooseMode = (mode: ValuesMode): void => useValues.setState({ mode });
export const chooseColours = (colours: Partial<Pick<ValuesState, 'ramp' | 'range' | 'tint'>>): void =>
  useValues.setState(colours);
export const chooseRaw = (raw: boolean): void => useValues.setState({ raw });
