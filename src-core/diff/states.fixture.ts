import { listEntries } from '../model/entries.ts';
import type { KeySyntax } from '../model/keys/key.ts';
import { KEY_SYNTAXES } from '../model/keys/recognise.ts';
import type { Entry, StateDict, Value } from '../model/state-dict.ts';
import type { DType } from '../tensor/dtype.ts';
import { methodOf, type Pairing, statusOf } from './pairing.ts';

/** For tests: a state of tensors without data, or of other values, by key. */
export function stateOf(
  entries: Readonly<Record<string, readonly number[] | Value>>,
  syntax: KeySyntax['id'] = 'dotted',
  dtype: DType = 'f32',
): StateDict {
  const list = Object.entries(entries).map(([key, value], id): Entry => {
    const path = KEY_SYNTAXES[syntax].parse(key);
    const made: Value = 'type' in value ? value : { type: 'tensor', dtype, shape: value, offset: 0 };
    return { id, path, key, value: made, role: { role: 'unknown' }, roleSource: 'heuristic' };
  });
  return {
    format: 'test',
    dialect: 'generic',
    layout: 'flat',
    entries: listEntries(list),
    storages: { size: 0, get: () => undefined },
    nodes: new Map(),
    shares: [],
    metadata: [],
    problems: [],
    files: [],
  };
}

/** `KEY_A → KEY_B: status, how`, a pair a line. */
export const linesOf = (pairing: Pairing, a: StateDict, b: StateDict): string[] =>
  Array.from({ length: pairing.count }, (_, i) => {
    const [rowA, rowB] = [pairing.rowA[i]!, pairing.rowB[i]!];
    const axes = pairing.layouts[pairing.layout[i]! - 1];
    const keys = [rowA < 0 ? '' : a.entries.at(rowA).key, rowB < 0 ? '' : b.entries.at(rowB).key];
    const what = [statusOf(pairing, i), ...(rowA < 0 || rowB < 0 ? [] : [methodOf(pairing, i)])];
    return `${keys.join(' → ')}: ${[...what, ...(axes ? [`axes ${axes}`] : [])].join(', ')}`;
  });

/** The axes that lead back. */
export function invertAxes(axes: readonly number[]): number[] {
  const back = new Array<number>(axes.length);
  axes.forEach((axis, i) => {
    back[axis] = i;
  });
  return back;
}
