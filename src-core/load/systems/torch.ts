import { compareDTypes, compareShapes, fitsShape } from '../compare-values.ts';
import { growModules, type ModuleBranch } from '../module-tree.ts';
import type { Outline, OutlineEntry, OutlineTensor } from '../outline.ts';
import type { LoadOptions } from '../report.ts';
import { ReportDraft } from '../report-draft.ts';
import { quoteAll, showClass, showShape, showTexts, typeOf } from '../words.ts';

export interface TorchMode {
  readonly strict: boolean;
  /** Takes tensors of the file as they are, instead of copying into those of the module. */
  readonly assign: boolean;
}

const EXTRA_STATE = '_extra_state';

/** `torch.nn.Module.load_state_dict`, as of torch 2.13. Every module is loaded before anything is raised. */
export function planTorch(target: Outline, source: Outline, { strict, assign }: TorchMode, options: LoadOptions) {
  const draft = new ReportDraft();
  if (source.notDict !== undefined) {
    const found = showClass(source.notDict);
    return draft.raise('TypeError', `Expected state_dict to be dict-like, got ${found}.`);
  }
  const errors: string[] = [];
  const visit = (module: ModuleBranch, given: readonly OutlineEntry[]): void => {
    const byKey = new Map(given.map((entry) => [entry.key, entry]));
    const isOldNorm = hasNoBatchCount(module, source, byKey);
    for (const [name, place] of module.own) {
      if (name === EXTRA_STATE || isNone(place)) continue;
      const entry = byKey.get(place.key);
      if (entry) copy(draft, errors, place, entry, assign);
      else if (!(isOldNorm && name === BATCH_COUNT)) draft.missing.push(place.key);
    }
    loadExtraState(draft, module, byKey);
    const below = listUnexpected(draft, module, given);
    for (const [name, child] of module.children) visit(child, below.get(name) ?? []);
  };
  visit(growModules(target), source.entries);
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
    const [model, file] = [showSize(held.shape), showSize(value.shape)];
    errors.push(
      `While copying the parameter named "${key}", whose dimensions in the model are ${model} and whose dimensions in ` +
        `the checkpoint are ${file}, an exception occurred : ('Cannot copy out of meta tensor; no data!',).`,
    );
  }
}

/** A module with its own kind of state: present, it is handed over whatever it is. */
function loadExtraState(draft: ReportDraft, module: ModuleBranch, byKey: ReadonlyMap<string, OutlineEntry>): void {
  const key = module.prefix + EXTRA_STATE;
  const [declared, given] = [module.own.has(EXTRA_STATE), byKey.has(key)];
  if (declared && given) draft.assign(key, key);
  else if (declared) draft.missing.push(key);
  else if (given) draft.unexpected.push(key);
}

/** What this module cannot place: a name it has not, or one below a child it has not. The rest goes to its children. */
function listUnexpected(draft: ReportDraft, module: ModuleBranch, given: readonly OutlineEntry[]) {
  const below = new Map<string, OutlineEntry[]>();
  for (const entry of given) {
    const rest = entry.key.slice(module.prefix.length);
    const dot = rest.indexOf('.');
    const name = dot < 0 ? rest : rest.slice(0, dot);
    if (rest === EXTRA_STATE) continue;
    if (dot < 0) {
      const place = module.own.get(name);
      if (!place || isNone(place)) draft.unexpected.push(entry.key);
    } else if (module.children.has(name)) {
      const group = below.get(name);
      if (group) group.push(entry);
      else below.set(name, [entry]);
    } else draft.unexpected.push(entry.key);
  }
  return below;
}

const BATCH_COUNT = 'num_batches_tracked';
const BATCH_NORM = ['running_mean', 'running_var', BATCH_COUNT];

/** Batch norms of version 1 had no count of batches: where the file tells no later version, the module's own stays. */
function hasNoBatchCount(module: ModuleBranch, source: Outline, byKey: ReadonlyMap<string, OutlineEntry>): boolean {
  if (!BATCH_NORM.every((name) => module.own.has(name)) || byKey.has(module.prefix + BATCH_COUNT)) return false;
  return (source.modules?.get(module.prefix.slice(0, -1)) ?? 1) < 2;
}
