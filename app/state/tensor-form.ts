import { type Edit, StateglassError } from '../../src-core/index.ts';
import { readNumber } from './cell-edits.ts';

/** Edits of whole tensors, by the id of their op. */
export type TensorAct = 'fill' | 'cast' | 'view-as' | 'affine' | 'reshape' | 'transpose' | 'slice-tensor' | 'pad';

/** Acts that several tensors can take at once. */
export const takesMany = (act: TensorAct): boolean =>
  act === 'fill' || act === 'cast' || act === 'view-as' || act === 'affine';

/** What is typed and chosen, as it stands in the fields. */
export interface TensorForm {
  readonly filling: 'zeros' | 'ones' | 'constant' | 'normal' | 'uniform';
  readonly constant: string;
  readonly seed: string;
  readonly mean: string;
  readonly std: string;
  readonly low: string;
  readonly high: string;
  readonly dtype: string;
  readonly scale: string;
  readonly shift: string;
  readonly shape: string;
  readonly axes: string;
  readonly slice: string;
  /** A field for each dimension. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly padding: string;
  readonly untie: boolean;
}

/** What the fields begin with. `slice` is the part that is looked at. */
export const startForm = (shape: readonly number[], dtype: string, slice: string): TensorForm => ({
  filling: 'zeros',
  constant: '1',
  seed: '0',
  mean: '0',
  std: '0.02',
  low: '-0.1',
  high: '0.1',
  dtype,
  scale: '1',
  shift: '0',
  shape: shape.join(', '),
  axes: shape.map((_, axis) => shape.length - 1 - axis).join(', '),
  slice,
  before: shape.map(() => '0'),
  after: shape.map(() => '0'),
  padding: '0',
  untie: false,
});

/**
 * The edit that a form stands for.
 *
 * @throws `bad-input` for a field that is no number.
 */
export function editOfForm(act: TensorAct, form: TensorForm, keys: readonly string[]): Edit {
  const untie = form.untie && { untie: true };
  const key = keys[0] ?? '';
  switch (act) {
    case 'fill':
      return { op: act, args: { ...(keys.length === 1 ? { key } : { keys }), with: readFilling(form), ...untie } };
    case 'cast':
      return { op: act, args: { keys, dtype: form.dtype, ...untie } };
    case 'view-as':
      return { op: act, args: { keys, dtype: form.dtype } };
    case 'affine':
      return {
        op: act,
        args: { keys, scale: number('scale', form.scale), shift: number('shift', form.shift), ...untie },
      };
    case 'reshape':
      return { op: act, args: { key, shape: numbers('shape', form.shape) } };
    case 'transpose':
      return { op: act, args: { key, axes: numbers('axes', form.axes) } };
    case 'slice-tensor':
      return { op: act, args: { key, slice: form.slice } };
    case 'pad': {
      const [before, after] = [form.before, form.after].map((side) => side.map((text) => number('padding', text)));
      return { op: act, args: { key, before, after, constant: readNumber(form.padding), ...untie } };
    }
  }
}

/** The edit that adds a tensor of the form's type, shape and filling. @throws `bad-input` for a field that is no number. */
export const editOfNewTensor = (key: string, form: TensorForm): Edit => ({
  op: 'add-tensor',
  args: { key: key.trim(), dtype: form.dtype, shape: numbers('shape', form.shape), with: readFilling(form) },
});

function readFilling({ filling, ...form }: TensorForm): unknown {
  if (filling === 'zeros' || filling === 'ones') return filling;
  if (filling === 'constant') return { constant: readNumber(form.constant) };
  const names = filling === 'normal' ? (['seed', 'mean', 'std'] as const) : (['seed', 'low', 'high'] as const);
  return { [filling]: Object.fromEntries(names.map((name) => [name, number(name, form[name])])) };
}

function number(name: string, text: string): number {
  const value = readNumber(text);
  if (typeof value === 'number') return value;
  throw new StateglassError({
    kind: 'bad-input',
    detail: text.trim() === '' ? `${name} is empty` : `${name}: ${text.trim()} is no number`,
  });
}

/** As a shape is written: `[2, 3]`, `2×3`, `2 3`. */
const numbers = (name: string, text: string): readonly number[] =>
  text
    .split(/[\s,×x[\]()]+/)
    .filter((word) => word !== '')
    .map((word) => number(name, word));
