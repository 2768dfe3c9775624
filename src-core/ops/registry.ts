import { StateglassError } from '../base/errors.ts';
import type { Edit } from '../model/edit.ts';
import type { Op } from './op.ts';
import { addEntry } from './verbs/add-entry.ts';
import { addTensor } from './verbs/add-tensor.ts';
import { affine } from './verbs/affine.ts';
import { bakeLora } from './verbs/bake-lora.ts';
import { cast } from './verbs/cast.ts';
import { deleteEntries } from './verbs/delete.ts';
import { duplicate } from './verbs/duplicate.ts';
import { fill } from './verbs/fill.ts';
import { flatten } from './verbs/flatten.ts';
import { keepEntries } from './verbs/keep.ts';
import { nest } from './verbs/nest.ts';
import { pad } from './verbs/pad.ts';
import { rename } from './verbs/rename.ts';
import { renameRules } from './verbs/rename-rules.ts';
import { reshape } from './verbs/reshape.ts';
import { setElements } from './verbs/set-elements.ts';
import { setMetadata } from './verbs/set-metadata.ts';
import { setRole } from './verbs/set-role.ts';
import { setRoles } from './verbs/set-roles.ts';
import { setValue } from './verbs/set-value.ts';
import { sliceTensor } from './verbs/slice-tensor.ts';
import { take } from './verbs/take.ts';
import { takeAll } from './verbs/take-all.ts';
import { tie } from './verbs/tie.ts';
import { transpose } from './verbs/transpose.ts';
import { unpack } from './verbs/unpack.ts';
import { untie } from './verbs/untie.ts';
import { viewAs } from './verbs/view-as.ts';
import { weightedSum } from './verbs/weighted-sum.ts';

// biome-ignore lint/suspicious/noExplicitAny: each op has args of its own, which `parse` checks
type AnyOp = Op<any>;

/** Every edit there is. A written list: what is not here cannot be in a recipe. */
export const OPS: readonly AnyOp[] = [
  setValue,
  rename,
  renameRules,
  deleteEntries,
  keepEntries,
  duplicate,
  addEntry,
  setMetadata,
  setRole,
  setRoles,
  setElements,
  fill,
  cast,
  viewAs,
  affine,
  reshape,
  transpose,
  sliceTensor,
  pad,
  take,
  takeAll,
  weightedSum,
  bakeLora,
  unpack,
  tie,
  untie,
  addTensor,
  flatten,
  nest,
];

/** @throws `bad-input` for an op that is not there, or args that are not its own. */
export function readEdit({ op: id, args }: Edit): { readonly op: AnyOp; readonly args: unknown } {
  const op = OPS.find((one) => one.id === id);
  if (!op)
    throw new StateglassError({
      kind: 'bad-input',
      detail: `no edit is called ${id}; there are ${OPS.map((one) => one.id).join(', ')}`,
    });
  return { op, args: op.parse(args) };
}
