import { create } from 'zustand';
import {
  type DType,
  describeError,
  type Edit,
  type EditPreview,
  familyOf,
  numberTypeOf,
  ROW_FLAG,
  toErrorInfo,
  VALUE_ORDER,
  whyNotEncodable,
} from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import type { CastAnswer } from '../engine/edit-api.ts';
import { type DocumentPart, listParts } from './document-parts.ts';
import { engine } from './engine.ts';
import { explorerOf } from './explorer.ts';
import { runTask } from './tasks.ts';
import { type TensorAct, takesMany } from './tensor-form.ts';
import { showDialog } from './workspace.ts';

interface TensorEditing {
  readonly document: OpenedDocument | null;
  readonly act: TensorAct;
  /** What can be edited from where the person was, the nearest first. */
  readonly parts: readonly DocumentPart[];
  /** The part of the tensor that Values shows; empty for all of it. */
  readonly slice: string;
}

export const useTensorEditing = create<TensorEditing>(() => ({ document: null, act: 'cast', parts: [], slice: '' }));

/** Opens the dialog for where the person is: a tensor, a module, or the document. Without `act` the last one is shown. */
export function openTensorEdit(document: OpenedDocument, act = useTensorEditing.getState().act): void {
  const explorer = explorerOf(document.id);
  const all = explorer ? listParts(explorer) : [];
  // A module or a filter of this one tensor is no other choice.
  const parts = all.filter(({ id, tensors }, i) => id !== 'slice' && (i === 0 || tensors > 1));
  if (parts.length === 0) return;
  const slice = all.find(({ id }) => id === 'slice')?.slice ?? '';
  useTensorEditing.setState({
    document,
    parts,
    slice,
    act: takesMany(act) || parts[0]?.id === 'tensor' ? act : 'cast',
  });
  showDialog('tensor');
}

/** Whether there are tensors at a node or below it. */
export const hasTensors = (document: OpenedDocument, node: number): boolean =>
  (document.tree.params[node] ?? 0) > 0 || isTensor(document, node);

const TENSOR = VALUE_ORDER.indexOf('tensor');
const FLOATS: ReadonlySet<string> = new Set(['float', 'half', 'float8', 'block']);

/** Rows of a part that an act is for. */
export interface Chosen {
  readonly rows: readonly number[];
  /** Tensors that stay: they are of another kind of number. */
  readonly left: number;
  readonly dtypes: readonly DType[];
}

/**
 * One tensor is taken at its word, and so is a filter. In a module or a whole document what holds no floats stays, as
 * `module.to(dtype)` leaves it in torch: counters, masks, indices.
 */
export function chooseTensors({ tree }: OpenedDocument, part: DocumentPart): Chosen {
  const rows: number[] = [];
  const dtypes = new Set<DType>();
  let left = 0;
  const count = part.rows?.length ?? tree.entryCount;
  for (let i = 0; i < count; i++) {
    const row = part.rows?.[i] ?? i;
    const node = tree.nodeOfEntry[row] ?? 0;
    const dtype = tree.dtypes[(tree.dtype[node] ?? 0) - 1];
    if (tree.type[node] !== TENSOR || dtype === undefined) continue;
    const isMeant =
      part.id === 'tensor' ||
      (whyNotEncodable(numberTypeOf(dtype)) === undefined &&
        (tree.flags[node]! & ROW_FLAG.absent) === 0 &&
        (part.id === 'filter' || FLOATS.has(familyOf(dtype))));
    if (isMeant) {
      rows.push(row);
      dtypes.add(dtype);
    } else left++;
  }
  return { rows, left, dtypes: [...dtypes] };
}

export const keysOfRows = (document: DocumentId, rows: readonly number[]): Promise<readonly string[]> =>
  engine().keys(document, Uint32Array.from(rows));

export type PreviewAnswer = { readonly preview: EditPreview } | { readonly wrong: string };

/** What an edit would come to, or why it cannot be made. */
export async function previewTensorEdit(document: DocumentId, edit: () => Edit): Promise<PreviewAnswer> {
  try {
    return { preview: await engine().previewEdit(document, edit()) };
  } catch (error) {
    return { wrong: wordWrong(error) };
  }
}

/** Counts over all values what a cast loses; tells how far it is, as a share. @throws why it cannot be counted. */
export const countCastLosses = (
  document: DocumentId,
  keys: readonly string[],
  dtype: string,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<CastAnswer> =>
  runTask('Counting what a cast loses', (call) =>
    engine().inspectCast(document, keys, dtype as DType, {
      signal: AbortSignal.any([signal, call.signal]),
      onProgress(progress) {
        call.onProgress(progress);
        if (progress.total > 0) onShare(progress.done / progress.total);
      },
    }),
  );

export function wordWrong(error: unknown): string {
  const info = toErrorInfo(error);
  if (info.kind === 'bad-input') return info.detail.replace(/^(?:fill|cast|affine|pad): /, '');
  return info.kind === 'unsupported' ? `${info.file}: ${info.detail}` : describeError(info);
}

export const isTensor = ({ tree }: OpenedDocument, node: number): boolean => tree.type[node] === TENSOR;
