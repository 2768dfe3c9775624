import { create } from 'zustand';
import { type EntryId, NO_SHAPE, type TensorValue, whyNotDecodable } from '../../src-core/index.ts';
import type { DocumentId, EntryDetail, OpenedDocument } from '../engine/api.ts';
import { explorerOf } from './explorer.ts';
import { isEmpty, type Shown, showFirst, shownText, showSlice } from './shown-slice.ts';
import { sampleAhead } from './value-sample.ts';
import { forgetTiles, valueTiles } from './value-tiles.ts';

/** `both`: numbers beside their picture. */
export type ValuesMode = 'both' | 'numbers' | 'heatmap' | 'images' | 'hex';

interface ValuesState {
  /** Slices a person chose, by `document/entry/shape`: a packed weight has another shape than its codes. */
  readonly slices: Readonly<Record<string, Shown>>;
  /** The last one chosen for a shape, by `document/shape`: a step to the neighbour keeps it. */
  readonly byShape: Readonly<Record<string, Shown>>;
  /** Slices that were asked for, as text, until another is chosen; by `document/entry`. */
  readonly landed: Readonly<Record<string, string>>;
  /** Shapes of packed weights that are looked at unpacked, by `document/entry`. */
  readonly unpacked: Readonly<Record<string, readonly number[]>>;
  readonly mode: ValuesMode;
  /** Stored integers of quantised tensors and codes of packed weights, not what they stand for. */
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
  landed: {},
  unpacked: {},
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

const landings = new Map<string, Shown | undefined>();

/** What was asked for, where it fits the shape. The same object for the same text. */
function landingOf(text: string, shape: readonly number[]): Shown | undefined {
  const key = `${text}/${shape}`;
  if (!landings.has(key)) {
    try {
      landings.set(key, showSlice(text, shape));
    } catch {
      landings.set(key, undefined);
    }
  }
  return landings.get(key);
}

function pick(state: ValuesState, document: DocumentId, entry: EntryId, shape: readonly number[]): Shown {
  const key = entryKey(document, entry);
  const text = state.landed[key];
  return (
    state.slices[`${key}/${shape}`] ??
    (text === undefined ? undefined : landingOf(text, shape)) ??
    state.byShape[shapeKey(document, shape)] ??
    firstOf(shape)
  );
}

/** The numbers of an entry that are shown: of a packed weight what it stands for, where that can be made and `raw` is not asked for. */
export function chooseNumbers(
  { entry: { id, value }, packed }: EntryDetail,
  raw: boolean,
): { readonly tensor: TensorValue; readonly raw: boolean } | undefined {
  if (value.type !== 'tensor') return undefined;
  if (packed?.codes.id !== id) return { tensor: value, raw: raw && value.quant !== undefined };
  return packed.unpacked && !raw ? { tensor: packed.unpacked.value, raw: false } : { tensor: value, raw: true };
}

/** Notes the shape that an entry is looked at with, where that is another than its own. */
export function noteUnpacked(document: DocumentId, entry: EntryId, shape: readonly number[] | undefined): void {
  const key = entryKey(document, entry);
  const { unpacked } = useValues.getState();
  if (unpacked[key] === shape) return;
  const { [key]: _, ...rest } = unpacked;
  useValues.setState({ unpacked: shape ? { ...rest, [key]: shape } : rest });
}

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
  const shape = useValues.getState().unpacked[entryKey(document.id, entry)] ?? shapeOfEntry(document, entry);
  if (!shape) return undefined;
  const text = shownText(pick(useValues.getState(), document.id, entry, shape), shape);
  return text === shownText(firstOf(shape), shape) ? undefined : text;
}

export function chooseSlice(document: DocumentId, entry: EntryId, shape: readonly number[], shown: Shown): void {
  useValues.setState(({ slices, byShape }) => ({
    slices: { ...slices, [`${entryKey(document, entry)}/${shape}`]: shown },
    byShape: { ...byShape, [shapeKey(document, shape)]: shown },
  }));
}

/** Shows the slice a link names; one that does not fit the tensor any more is passed over. */
export function landOnSlice(document: OpenedDocument, entry: EntryId, text: string): void {
  const shape = shapeOfEntry(document, entry);
  if (!shape) return;
  const key = entryKey(document.id, entry);
  useValues.setState(({ slices, landed }) => ({
    slices: keepOthers(slices, `${key}/`),
    landed: { ...landed, [key]: text },
  }));
  // What is shown first is a better answer than an error about a link.
  const shown = landingOf(text, shape);
  if (shown) chooseSlice(document.id, entry, shape, shown);
}

/** Begins to read the first numbers and their picture while the page still draws what is around them. */
export function readAhead(document: DocumentId, detail: EntryDetail, signal: AbortSignal): void {
  const { entry, storage } = detail;
  const { mode, raw: asked, tint } = useValues.getState();
  const chosen = chooseNumbers(detail, asked);
  if (!chosen || storage === undefined || storage.data.kind === 'absent') return;
  const { tensor, raw } = chosen;
  if (mode === 'hex' || mode === 'images' || whyNotDecodable(tensor.dtype) !== undefined) return;
  const shown = pick(useValues.getState(), document, entry.id, tensor.shape);
  const part = { document, entry: entry.id, tensor, shown, raw };
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
  const keep = <T>(of: Readonly<Record<string, T>>) => keepOthers(of, `${document}/`);
  useValues.setState(({ slices, byShape, landed, unpacked }) => ({
    slices: keep(slices),
    byShape: keep(byShape),
    landed: keep(landed),
    unpacked: keep(unpacked),
  }));
}

const keepOthers = <T>(of: Readonly<Record<string, T>>, start: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(of).filter(([key]) => !key.startsWith(start)));

export const chooseMode = (mode: ValuesMode): void => useValues.setState({ mode });
export const chooseColours = (colours: Partial<Pick<ValuesState, 'ramp' | 'range' | 'tint'>>): void =>
  useValues.setState(colours);
export const chooseRaw = (raw: boolean): void => useValues.setState({ raw });
