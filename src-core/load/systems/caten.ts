import { pythonDType } from '../../model/python-dtypes.ts';
import { compareDTypes, compareShapes } from '../compare-values.ts';
import { joinKeys, placesOf } from '../join-keys.ts';
import type { Outline, OutlineTensor } from '../outline.ts';
import { ReportDraft } from '../report-draft.ts';
import { typeOf } from '../words.ts';

/** Caten's `load-state-dict`: what does not fit is warned about, and its buffer is taken all the same. */
export function planCaten(target: Outline, source: Outline, silent: boolean): ReportDraft {
  const draft = new ReportDraft();
  if (source.notDict !== undefined)
    return draft.raise('TYPE-ERROR', `The value is not of type CATEN/API:STATE-DICT but ${source.notDict}.`, {
      atomic: true,
    });
  const warn = (text: string): void => {
    if (!silent) draft.warnings.push(`load-state-dict: ${text}`);
  };
  const { sourceOf, given, targetOf } = joinKeys(target, source);
  for (const row of given) if (targetOf[row]! < 0) draft.unexpected.push(source.entries[row]!.key);
  // Only counted, never compared one by one: a wrong name in as many keys goes unheard.
  if (given.length > placesOf(target).size)
    warn(`Found unused keys in the state-dict: (${draft.unexpected.join(' ')})`);
  for (const [i, place] of target.entries.entries()) {
    const { key } = place;
    const entry = source.entries[sourceOf[i]!];
    if (!entry || typeOf(entry.value) === 'NoneType') {
      draft.missing.push(key);
      warn(`not loading ${key}`);
      continue;
    }
    const [held, value] = [place.value, entry.value];
    if (value.kind !== 'tensor' || held.kind !== 'tensor') {
      draft.mismatched.push({ key, what: 'kind', expected: typeOf(held), actual: typeOf(value) });
      draft.raise('TYPE-ERROR', `The value of ${key} is not of type TENSOR but ${typeOf(value)}.`);
      continue;
    }
    const [dtypes, shapes] = [compareDTypes(place, entry, held, value), compareShapes(place, entry, held, value)];
    const change = (show: (tensor: OutlineTensor) => string) =>
      `${key}: place: ${show(held)} -> replacement: ${show(value)}`;
    if (dtypes.length > 0) warn(`dtype mismatch for ${change(showDType)}`);
    if (shapes.length > 0) warn(`shape mismatch for ${change(showDims)}`);
    if (value.isEmpty) warn(`loading to an uninitialized tensor ${key}`);
    draft.assign(key, entry.key, [...dtypes, ...shapes]);
    if (value.isEmpty) draft.mismatched.push({ key, what: 'uninitialized', expected: 'buffer', actual: 'NIL' });
  }
  return draft;
}

const showDType = ({ dtype }: OutlineTensor): string => (dtype ? pythonDType(dtype).toUpperCase() : 'NIL');
/** The empty list is NIL. */
const showDims = ({ shape = [] }: OutlineTensor): string => (shape.length === 0 ? 'NIL' : `(${shape.join(' ')})`);
