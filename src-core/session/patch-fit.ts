import { StateglassError } from '../base/errors.ts';
import { findRow, wordMissing } from '../model/find-row.ts';
import type { StateDict, Value } from '../model/state-dict.ts';
import { type DType, dtypeLabel } from '../tensor/dtype.ts';
import { digestValue } from './patch-values.ts';

/** An entry as it was where the patch was made. */
export interface NeededEntry {
  readonly key: string;
  readonly type: string;
  readonly dtype?: string;
  readonly shape?: readonly number[];
  /** Of a value that is no tensor. */
  readonly sha256?: string;
}

/** What a state has to hold, and not to hold, for a patch to be applied. */
export interface PatchNeeds {
  readonly entries: readonly NeededEntry[];
  /** Names that the patch gives. */
  readonly free: readonly string[];
}

export async function listNeeds(
  state: StateDict,
  keys: readonly string[],
  free: readonly string[],
): Promise<PatchNeeds> {
  const entries = keys.map((key) => describe(key, state.entries.at(findRow(state, key) as number).value));
  return { entries: await Promise.all(entries), free };
}

async function describe(key: string, value: Value): Promise<NeededEntry> {
  if (value.type === 'tensor') return { key, type: 'tensor', dtype: value.dtype, shape: value.shape };
  const sha256 = await digestValue(value);
  return { key, type: value.type, ...(sha256 !== undefined && { sha256 }) };
}

/** @throws `bad-input` for what is not of the form that `listNeeds` gives. */
export function readNeeds(given: unknown): PatchNeeds {
  const { entries = [], free = [] } = (given ?? {}) as { readonly entries?: unknown; readonly free?: unknown };
  const isNeeded = (one: unknown): one is NeededEntry =>
    typeof one === 'object' && one !== null && typeof (one as NeededEntry).key === 'string';
  if (
    Array.isArray(entries) &&
    entries.every(isNeeded) &&
    Array.isArray(free) &&
    free.every((key) => typeof key === 'string')
  )
    return { entries, free };
  throw new StateglassError({ kind: 'bad-input', detail: 'patch: what it needs is no list of entries' });
}

/** Told of those that do not fit; a count stands for the rest. */
const TOLD = 8;

/**
 * @throws `bad-input` naming what of the patch does not fit this state: keys that are not there, other types and shapes, texts that are
 * others, names that are taken. Values of tensors are not compared.
 */
export async function requireFit(state: StateDict, { entries, free }: PatchNeeds): Promise<void> {
  const wrong: string[] = [];
  for (const needed of entries) {
    const row = findRow(state, needed.key);
    if (row === undefined) {
      wrong.push(`${needed.key}: ${wordMissing(state, needed.key, 'the document')}`);
      continue;
    }
    const found = await describe(needed.key, state.entries.at(row).value);
    const [here, there] = [wordForm(found), wordForm(needed)];
    if (here !== there) wrong.push(`${needed.key} is ${here} here, and ${there} where the patch was made`);
    else if (found.sha256 !== needed.sha256)
      wrong.push(`${needed.key} holds another ${found.type} than where the patch was made`);
  }
  for (const key of free)
    if (findRow(state, key) !== undefined) wrong.push(`${key}, which the patch adds, is there already`);
  if (wrong.length === 0) return;
  const more = wrong.length > TOLD ? [`and ${wrong.length - TOLD} more`] : [];
  const detail = `the patch does not fit in ${wrong.length} of ${entries.length + free.length} places:\n  ${[...wrong.slice(0, TOLD), ...more].join('\n  ')}`;
  throw new StateglassError({ kind: 'bad-input', detail });
}

const wordForm = ({ type, dtype, shape }: NeededEntry): string =>
  type === 'tensor' ? `${dtypeLabel(dtype as DType)} [${shape?.join(', ')}]` : type;
