import { StateglassError } from '../../base/errors.ts';
import { nextStorage } from '../../model/change-state.ts';
import { findRow } from '../../model/find-row.ts';
import { keyOfPath, pathLike } from '../../model/rename-path.ts';
import { bitsOf, countElements, type DType, dtypeLabel } from '../../tensor/dtype.ts';
import { whyNotEncodable } from '../../tensor/encode.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { planOp, storageOfDerived } from '../edit-tensor.ts';
import { exprOf, type Filling, readFilling, wordFilling } from './fill.ts';

const SPEC = { key: 'text', dtype: 'text', shape: 'numbers', with: 'anything' } as const;
/** `dtype` is spelled as in `DTYPES`, and `with` as for `fill`. */
export type AddTensorArgs = Omit<ArgsOf<typeof SPEC>, 'with'> & { readonly with: Filling };

/** Adds a tensor: zeros, ones, a constant or random numbers. */
export const addTensor = planOp<AddTensorArgs>({
  id: 'add-tensor',
  title: ({ key, dtype, shape, with: filling }) =>
    `Add ${key}: ${dtypeLabel(dtype as DType)} [${shape.join(', ')}] of ${wordFilling(filling)}`,
  parse(args) {
    const read = readArgs('add-tensor', args, SPEC);
    const why = whyNotEncodable(read.dtype as DType);
    if (why !== undefined) throw bad(`not of ${read.dtype}: ${why}`);
    const isShape = read.shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
    const bytes = countElements(read.shape) * ((bitsOf(read.dtype as DType) ?? 8) / 8);
    if (!isShape || !Number.isSafeInteger(bytes)) throw bad(`[${read.shape.join(', ')}] is no shape`);
    return { ...read, with: readFilling(read.with) };
  },
  plan(state, { key, dtype: name, shape, with: filling }) {
    if (key === '') throw bad('the new tensor has no name');
    if (findRow(state, key) !== undefined) throw bad(`${key} is there already`);
    const dtype = name as DType;
    const sample = state.entries.length > 0 ? state.entries.at(state.entries.length - 1).path : undefined;
    const path = pathLike(sample, key);
    const value = { type: 'tensor', dtype, shape, offset: 0, storage: nextStorage(state) } as const;
    return {
      storages: [storageOfDerived({ dtype, shape, expr: exprOf(filling, dtype), inputs: [] })],
      add: [{ path, key: keyOfPath(path), value, role: { role: 'unknown' }, roleSource: 'user' }],
    };
  },
});

const bad = (detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `add-tensor: ${detail}` });
