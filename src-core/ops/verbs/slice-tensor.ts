import { sliceLayout } from '../../tensor/layout.ts';
import { parseSlice } from '../../tensor/slice.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { planOp } from '../edit-tensor.ts';
import { replaceView } from '../replace-view.ts';

const SPEC = { key: 'text', slice: 'text' } as const;
/** `slice` as NumPy writes it; an index takes its dimension away. */
export type SliceTensorArgs = ArgsOf<typeof SPEC>;

/** Keeps a part of a tensor. Its bytes stay where they are; only what is looked at is saved. */
export const sliceTensor = planOp<SliceTensorArgs>({
  id: 'slice-tensor',
  title: ({ key, slice }) => `Keep ${key}[${slice}]`,
  parse: (args) => readArgs('slice-tensor', args, SPEC),
  plan: (state, { key, slice }) =>
    replaceView(state, key, (value) => sliceLayout(value, parseSlice(slice, value.shape))),
});
