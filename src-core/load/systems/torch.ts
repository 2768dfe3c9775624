import { type DTypeFamily, familyOf } from '../../tensor/dtype.ts';
import { compareDTypes, compareShapes, fitsShape } from '../compare-values.ts';
import { joinKeys, placesOf } from '../join-keys.ts';
import { listModules } from '../list-modules.ts';
import type { Outline, OutlineEntry, OutlineTensor } from '../outline.ts';
import type { LoadOptions } from '../report.ts';
import { ReportDraft } from '../report-draft.ts';
import { quoteAll, showClass, showShape, showTexts, typeOf } from '../words.ts';

export interface TorchMode {
  readonly strict: boolean;
  /** Takes tensors of the file as they are, instead of copying into those of the module. */
  readonly assign: boolean;
}

/** `torch.nn.Module.load_state_dict`, as of torch 2.13. Every module is loaded before anything is raised. */
export function planTorch(target: Outline, source: Outline, { strict, assign }: TorchMode, options: LoadOptions) {
  const draft = new ReportDraft();
  if (source.notDict !== undefined) {
    const found = showClass(source.notDict);
    return draft.raise('TypeError', `Expected state_dict to be dict-like, got ${found}.`);
  }
  const errors: string[] = [];
  const { sourceOf, given, targetOf } = joinKeys(target, source);
  for (const [i, place] of target.entries.entries()) {
    const { key } = place;
    const entry = source.entries[sourceOf[i]!];
    if (isNone(place)) continue;
    if (!entry && !isOldCount(key, source, target)) draft.missing.push(key);
    // A module with its own kind of state is handed it whatever it is.
    else if (entry && isExtraState(key)) draft.assign(key, key);
    else if (entry) copy(draft, errors, place, entry, assign);
  }
  const strays: string[] = [];
  for (const row of given) {
    const place = target.entries[targetOf[row]!];
    if (!place || isNone(place)) strays.push(source.entries[row]!.key);
  }
  if (strays.length > 0) for (const key of inOrderOfModules(strays, listModules(target))) draft.unexpected.push(key);
  if (strict && draft.unexpected.length > 0)
    errors.unshift(`Unexpected key(s) in state_dict: ${quoteAll(draft.unexpected)}. `);
  if (strict && draft.missing.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quoteAll(draft.missing)}. `);
  if (errors.length > 0) {
    const name = options.className ?? target.className ?? 'Module';
    return draft.raise('RuntimeError', `Error(s) in loading state_dict for ${name}:\n\t${errors.join('\n\t')}`);
  }
  const isComplete = draft.missing.length + draft.unexpected.length === 0;
  draft.returns = isComplete
    ? '<All keys matched successfully>'
    : `_IncompatibleKeys(missing_keys=${showTexts(draft.missing)}, unexpected_keys=${showTexts(draft.unexpected)})`;
  return draft;
}

const isNone = ({ value }: OutlineEntry): boolean => value.kind === 'object' && value.type === 'NoneType';
const showSize = (shape: OutlineTensor['shape']): string => `torch.Size(${showShape(shape ?? [])})`;

function copy(draft: ReportDraft, errors: string[], place: OutlineEntry, entry: OutlineEntry, assign: boolean): void {
  const { key } = place;
  const value = entry.value;
  if (value.kind !== 'tensor') {
    draft.mismatched.push({ key, what: 'kind', expected: typeOf(place.value), actual: typeOf(value) });
    errors.push(
      `While copying the parameter named "${key}", expected torch.Tensor or Tensor-like object from checkpoint ` +
        `but received ${showClass(typeOf(value))}`,
    );
    return;
  }
  // What the module has is a tensor: a printout that cannot say so is taken for one.
  const held: OutlineTensor = place.value.kind === 'tensor' ? place.value : { kind: 'tensor' };
  const isScalar = held.shape?.length === 0 && value.shape?.length === 1 && value.shape[0] === 1;
  if (held.shape && value.shape && !isScalar && !fitsShape(held.shape, value.shape)) {
    draft.mismatched.push(...compareShapes(place, entry, held, value));
    errors.push(
      `size mismatch for ${key}: copying a param with shape ${showSize(value.shape)} from checkpoint, ` +
        `the shape in current model is ${showSize(held.shape)}.`,
    );
    return;
  }
  const dtypes = compareDTypes(place, entry, held, value);
  if (assign && place.role === 'parameter' && value.dtype && WHOLE.includes(familyOf(value.dtype))) {
    draft.mismatched.push(...dtypes);
    errors.push(
      wordFailure(key, held, value, 'Only Tensors of floating point and complex dtype can require gradients'),
    );
    return;
  }
  if (assign || held.isEmpty === value.isEmpty) draft.assign(key, entry.key, dtypes);
  else if (held.isEmpty) {
    draft.mismatched.push({ key, what: 'uninitialized', expected: 'meta', actual: 'cpu' });
    draft.warnings.push(
      `for ${key}: copying from a non-meta parameter in the checkpoint to a meta parameter in the current model, ` +
        'which is a no-op. (Did you mean to pass `assign=True` to assign items in the state dictionary to their ' +
        'corresponding key in the module instead of copying them in place?)',
    );
  } else {
    draft.mismatched.push({ key, what: 'uninitialized', expected: 'cpu', actual: 'meta' });
    errors.push(wordFailure(key, held, value, 'Cannot copy out of meta tensor; no data!'));
  }
}

const WHOLE: readonly DTypeFamily[] = ['int', 'uint', 'bool'];

const wordFailure = (key: string, held: OutlineTensor, value: OutlineTensor, why: string): string =>
  `While copying the parameter named "${key}", whose dimensions in the model are ${showSize(held.shape)} and whose ` +
  `dimensions in the checkpoint are ${showSize(value.shape)}, an exception occurred : ('${why}',).`;

const EXTRA_STATE = '_extra_state';
const isExtraState = (key: string): boolean => key === EXTRA_STATE || key.endsWith(`.${EXTRA_STATE}`);

/** Each module names what goes no further than itself, its own kind of state first. */
function inOrderOfModules(keys: readonly string[], modules: ReadonlyMap<string, number>): readonly string[] {
  const ranked = keys.map((key) => {
    let dot = key.lastIndexOf('.');
    while (dot >= 0 && !modules.has(key.slice(0, dot + 1))) dot = key.lastIndexOf('.', dot - 1);
    const isExtra = key.slice(dot + 1) === EXTRA_STATE;
    return { key, rank: 2 * (modules.get(key.slice(0, dot + 1)) ?? 0) + (isExtra ? 0 : 1) };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ key }) => key);
}

const BATCH_COUNT = 'num_batches_tracked';

/** Batch norms of version 1 had no count of batches: where the file tells no later version, the module's own stays. */
function isOldCount(key: string, source: Outline, target: Outline): boolean {
  if (!key.endsWith(BATCH_COUNT)) return false;
  const prefix = key.slice(0, -BATCH_COUNT.length);
  if (!placesOf(target).has(`${prefix}running_mean`)) return false;
  return (source.modules?.get(prefix.slice(0, -1)) ?? 1) < 2;
}
