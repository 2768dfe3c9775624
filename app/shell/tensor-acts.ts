import { type TensorAct, takesMany } from '../state/tensor-form.ts';

interface ActWords {
  readonly act: TensorAct;
  /** In a row of choices. */
  readonly short: string;
  /** In a menu, before the dots. */
  readonly title: string;
}

/** Edits of whole tensors, as they are called. */
export const TENSOR_ACTS: readonly ActWords[] = [
  { act: 'fill', short: 'Fill', title: 'Fill' },
  { act: 'cast', short: 'Cast', title: 'Cast' },
  { act: 'view-as', short: 'View as', title: 'View as another type' },
  { act: 'affine', short: 'Scale', title: 'Scale and shift' },
  { act: 'reshape', short: 'Reshape', title: 'Reshape' },
  { act: 'transpose', short: 'Transpose', title: 'Transpose' },
  { act: 'slice-tensor', short: 'Slice', title: 'Slice' },
  { act: 'pad', short: 'Pad', title: 'Pad' },
];

/** Those for one tensor, or for several at once. */
export const actsFor = (isOne: boolean): readonly ActWords[] =>
  isOne ? TENSOR_ACTS : TENSOR_ACTS.filter(({ act }) => takesMany(act));
