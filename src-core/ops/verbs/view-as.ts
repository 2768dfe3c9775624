import { StateglassError } from '../../base/errors.ts';
import type { Entry, EntryId } from '../../model/state-dict.ts';
import { bitsOf, type DType, dtypeLabel, familyOf, isKnownDType } from '../../tensor/dtype.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { findTensor, planOp } from '../edit-tensor.ts';
import { wordChoice } from '../find-rows.ts';

const SPEC = { keys: 'texts', dtype: 'text' } as const;
/** `dtype` is spelled as in `DTYPES` and has as many bits as the tensors' own. */
export type ViewAsArgs = ArgsOf<typeof SPEC>;

/** Elements that are nothing without others. */
const PACKED: ReadonlySet<string> = new Set(['quant', 'block']);

/**
 * Takes the bytes of tensors for another element type, as torch's `.view(dtype)` does: none of them changes. For files that do not say what
 * they hold, raw bytes for instance.
 */
export const viewAs = planOp<ViewAsArgs>({
  id: 'view-as',
  title: (args) => `View ${wordChoice(args)} as ${dtypeLabel(args.dtype as DType)}`,
  parse(args) {
    const read = readArgs('view-as', args, SPEC);
    if (isKnownDType(read.dtype) && !PACKED.has(familyOf(read.dtype))) return read;
    throw new StateglassError({ kind: 'bad-input', detail: `view-as: there is no element type ${read.dtype}` });
  },
  plan(state, { keys, dtype: to }) {
    const dtype = to as DType;
    const replace = new Map<EntryId, Entry>();
    for (const key of keys) {
      const { row, entry, value } = findTensor(state, key);
      const refuse = (detail: string) =>
        new StateglassError({ kind: 'unsupported', file: key, format: 'edit of a view', detail });
      if (value.quant || PACKED.has(familyOf(value.dtype))) throw refuse('it is quantised');
      if (value.negative || value.conjugate) throw refuse('its signs are set apart');
      if (bitsOf(value.dtype) !== bitsOf(dtype)) {
        const bits = bitsOf(value.dtype);
        const own = bits === undefined ? 'of no known size' : `of ${bits} bits`;
        throw refuse(`its elements are ${own}, those of ${dtypeLabel(dtype)} of ${bitsOf(dtype)}`);
      }
      if (value.dtype !== dtype) replace.set(row, { ...entry, value: { ...value, dtype } });
    }
    return replace.size > 0 ? { replace } : undefined;
  },
});
