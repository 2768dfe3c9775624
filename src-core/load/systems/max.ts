import { closeMatches } from '../../model/keys/close-matches.ts';
import { compareText } from '../../model/keys/python-text.ts';
import { pythonDType } from '../../model/python-dtypes.ts';
import { bitsOf, type DType } from '../../tensor/dtype.ts';
import { compareDTypes, compareShapes } from '../compare-values.ts';
import { joinKeys } from '../join-keys.ts';
import type { Outline, OutlineEntry, OutlineTensor } from '../outline.ts';
import type { LoadOptions, Mismatch } from '../report.ts';
import { ReportDraft } from '../report-draft.ts';
import { showClass, showShape, showTuple, typeOf } from '../words.ts';

/** `max.nn.Module.load_state_dict`, as of MAX 26.7: weights one by one, breadth first, up to the first that does not fit. */
export function planMax(target: Outline, source: Outline, strict: boolean, options: LoadOptions): ReportDraft {
  const draft = new ReportDraft();
  if (source.notDict !== undefined)
    return draft.raise('AttributeError', `'${source.notDict}' object has no attribute 'get'`, { atomic: true });
  const { sourceOf, given, targetOf } = joinKeys(target, source);
  const isUsed = new Uint8Array(target.entries.length);
  for (const i of inBreadth(target)) {
    const place = target.entries[i]!;
    const entry = source.entries[sourceOf[i]!];
    if (!entry || typeOf(entry.value) === 'NoneType') {
      draft.missing.push(place.key);
      continue;
    }
    isUsed[i] = 1;
    const { refusal, mismatches } = judge(place, entry, source.isWeightData === true, options);
    draft.mismatched.push(...mismatches);
    if (refusal === undefined) draft.assign(place.key, entry.key);
    else draft.raise('ValueError', refusal);
  }
  for (const [row, { key }] of source.entries.entries()) if (!isUsed[targetOf[row]!]) draft.unexpected.push(key);
  if (strict && draft.missing.length + draft.unexpected.length > 0)
    draft.raise(
      'ValueError',
      wordStrict(draft, () => Array.from(given, (row) => source.entries[row]!.key)),
    );
  return draft;
}

/** Places of the weights of the root, then of each level of modules; a declaration is so already. */
function* inBreadth({ entries, origin }: Outline): Generator<number> {
  const levels: number[][] = [];
  for (const [i, { key }] of entries.entries()) {
    const depth = origin === 'declaration' ? 0 : countDots(key);
    const level = levels[depth];
    if (level) level.push(i);
    else levels[depth] = [i];
  }
  // Levels without a weight are holes.
  for (const level of levels) yield* level ?? [];
}

function countDots(key: string): number {
  let dots = 0;
  for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) dots++;
  return dots;
}

function wordStrict({ missing, unexpected }: ReportDraft, listKeys: () => readonly string[]): string {
  const parts: string[] = [];
  const [first, ...others] = [...missing].sort(compareText);
  if (first !== undefined) {
    parts.push(`Missing required weights: ${[first, ...others].join(', ')}`);
    const [meant] = closeMatches(first, listKeys(), 1);
    if (meant !== undefined) parts.push(`For '${first}', did you mean '${meant}'?`);
  }
  if (unexpected.length > 0)
    parts.push(`Unexpected keys in state_dict: ${[...unexpected].sort(compareText).join(', ')}`);
  return `load_state_dict() strict=True validation failed. ${parts.join('; ')}`;
}

interface Verdict {
  readonly refusal?: string;
  readonly mismatches: readonly Mismatch[];
}

function judge(place: OutlineEntry, entry: OutlineEntry, isWeightData: boolean, options: LoadOptions): Verdict {
  const { key } = place;
  const value = entry.value;
  const weight: OutlineTensor = place.value.kind === 'tensor' ? place.value : { kind: 'tensor' };
  if (value.kind !== 'tensor') {
    const refusal =
      `The class type of '${key}' value (${showClass(value.type)}) is not an array type that we understand. ` +
      'Please use a numpy array or max.driver.Buffer.';
    return { refusal, mismatches: [{ key, what: 'kind', expected: 'array', actual: value.type }] };
  }
  const verdict = (isWeightData ? judgeWeightData : judgeArray)(place, entry, weight, value, options);
  if (verdict.refusal !== undefined) return verdict;
  const align = options.weightAlignment || weight.align || alignOf(weight.dtype ?? value.dtype);
  if (value.address === undefined || value.address % align === 0) return verdict;
  const refusal =
    `Found unaligned weight '${key}' (expected alignment=${align}). If you are using a Safetensor checkpoint, it is recommended ` +
    'that you copy the weight to correct the alignment, or pass `weight_alignment=1` to `Module.load_state_dict()`.';
  const found = { key, expected: `a multiple of ${align}`, actual: `byte ${value.address}` };
  return { refusal, mismatches: [...verdict.mismatches, { ...found, what: 'alignment' }] };
}

type Judge = (
  place: OutlineEntry,
  entry: OutlineEntry,
  weight: OutlineTensor,
  value: OutlineTensor,
  options: LoadOptions,
) => Verdict;

/** Arrays: symbolic dimensions may be anything, the others and the type have to be equal. */
const judgeArray: Judge = (place, entry, weight, value) => {
  const differences: string[] = [];
  const mismatches: Mismatch[] = [];
  const [expected, actual] = [weight.shape ?? [], value.shape ?? []];
  const isSymbolic = expected.some((dim) => typeof dim === 'string');
  if (weight.shape && value.shape && isSymbolic && expected.length !== actual.length) {
    const ranks = { expected: String(expected.length), actual: String(actual.length) };
    mismatches.push({ key: place.key, what: 'rank', ...ranks });
    differences.push(`shape rank (expected=${ranks.expected}, actual=${ranks.actual})`);
  } else {
    const shapes = compareShapes(place, entry, weight, value);
    mismatches.push(...shapes);
    const dims = expected.flatMap((dim, i) =>
      typeof dim === 'string' || dim === actual[i] ? [] : [`dim[${i}]: expected ${dim}, got ${actual[i]}`],
    );
    const wholes = `expected=${showTuple(expected)}, actual=${showTuple(actual)}`;
    if (shapes.length > 0) differences.push(`shape (${isSymbolic ? dims.join(', ') : wholes})`);
  }
  const dtypes = compareDTypes(place, entry, weight, value);
  mismatches.push(...dtypes);
  if (dtypes.length > 0) differences.push(`dtype (${wordDTypes(weight, value)})`);
  if (differences.length === 0) return { mismatches };
  return { refusal: `Value provided to weight '${place.key}' had different ${differences.join(' and ')}.`, mismatches };
};

/** What MAX reads from a file itself: quantised weights take the shape of their bytes, and so do bytes. */
const judgeWeightData: Judge = (place, entry, weight, value, options) => {
  const { key } = place;
  const given: OutlineTensor = weight.encoding === 'GPTQ' ? { ...value, dtype: 'u8' } : value;
  const adopts = weight.encoding !== undefined || (weight.dtype === 'u8' && given.dtype === 'u8');
  const [expected, actual] = [weight.shape, given.shape];
  if (expected && actual && !adopts && !isOneElement(expected, actual) && expected.join() !== actual.join()) {
    const refusal = `Value provided to weight '${key}' had different shape (expected=${showDims(expected)}, actual=${showDims(actual)})`;
    const [found] = compareShapes(place, entry, weight, given);
    const shape = { key, what: 'shape', expected: showShape(expected), actual: showShape(actual) } as const;
    return { refusal, mismatches: [found ?? shape] };
  }
  const mismatches: Mismatch[] = [];
  const overrides = options.overrideQuantizationEncoding === true && given.encoding !== undefined;
  if (weight.encoding !== given.encoding && !overrides)
    mismatches.push({ key, what: 'quant', expected: weight.encoding ?? 'none', actual: given.encoding ?? 'none' });
  const dtypes = compareDTypes(place, entry, weight, given);
  if (dtypes.length === 0) return { mismatches };
  const refusal = `Value provided to weight '${key}' had different dtype (${wordDTypes(weight, given)})`;
  return { refusal, mismatches: [...mismatches, ...dtypes] };
};

const isOneElement = (a: OutlineTensor['shape'], b: OutlineTensor['shape']): boolean => {
  const both = [a?.join() ?? '?', b?.join() ?? '?'];
  return both.includes('') && both.includes('1');
};

const showDims = (shape: readonly (number | string)[]): string =>
  showShape(shape.map((dim) => (typeof dim === 'string' ? `Dim('${dim}')` : `Dim(${dim})`)));
const wordDTypes = (weight: OutlineTensor, value: OutlineTensor): string =>
  `expected=${showDType(weight.dtype)}, actual=${showDType(value.dtype)}`;
const showDType = (dtype: DType | undefined): string => `DType.${dtype === undefined ? '?' : pythonDType(dtype)}`;
/** `DType.align`: the bytes of one element. */
const alignOf = (dtype: DType | undefined): number => Math.max(1, Math.ceil((dtype ? (bitsOf(dtype) ?? 8) : 8) / 8));
