import { dtypeLabel } from '../tensor/dtype.ts';
import { guessFamily } from './family.ts';
import { keyOfRow } from './key-text.ts';
import { labelTexts, pathOfNode } from './labels.ts';
import type { ModuleTree, Summary } from './module-tree.ts';
import { type EntryColumns, ROLE_ORDER, ROW_FLAG, VALUE_ORDER } from './state-dict.ts';

const LARGEST = 10;
const REPEATS = 8;

/**
 * What Overview shows of a document. An alias counts as an entry, its params and bytes at its owner only. `tied` counts the
 * entries that share a storage with another, owners included.
 */
export function summarise(columns: EntryColumns, tree: ModuleTree): Summary {
  const tensors = countTensors(columns);
  const { types, params, bytes } = countTypes(columns);
  const family = guessFamily(columns, tree);
  let modules = 0;
  for (let node = 1; node < tree.count; node++) if (tree.end[node]! > node + 1) modules++;
  let tied = 0;
  for (const flags of columns.flags) if ((flags & ROW_FLAG.tied) !== 0) tied++;
  return {
    entries: columns.count,
    tensors,
    modules,
    params,
    bytes,
    types,
    largest: findLargest(columns),
    repeats: listRepeats(tree),
    ...(family && { family }),
    roles: countRoles(columns),
    tied,
  };
}

function countTensors(columns: EntryColumns): number {
  let tensors = 0;
  for (const type of columns.types) if (type === 0) tensors++;
  return tensors;
}

function countTypes(columns: EntryColumns): { types: Summary['types']; params: number; bytes: number } {
  const { count, types, dtype, dtypes, flags } = columns;
  // Tensors of each dtype first, then the other value types.
  const names = ['tensor', ...dtypes.map(dtypeLabel), ...VALUE_ORDER.slice(1)];
  const rows = names.map((name) => ({ name, entries: 0, params: 0, bytes: 0 }));
  let params = 0;
  let bytes = 0;
  for (let row = 0; row < count; row++) {
    const of = rows[types[row] === 0 ? dtype[row]! : dtypes.length + types[row]!]!;
    of.entries++;
    if ((flags[row]! & ROW_FLAG.alias) !== 0) continue;
    of.params += columns.params[row]!;
    of.bytes += columns.bytes[row]!;
    params += columns.params[row]!;
    bytes += columns.bytes[row]!;
  }
  const present = rows.filter((of) => of.entries > 0);
  return { types: present.sort((a, b) => b.bytes - a.bytes || b.entries - a.entries), params, bytes };
}

function findLargest(columns: EntryColumns): Summary['largest'] {
  const { count, bytes, types, flags } = columns;
  const rows: number[] = [];
  for (let row = 0; row < count; row++) {
    if (types[row] !== 0 || (flags[row]! & ROW_FLAG.alias) !== 0) continue;
    if (rows.length === LARGEST && bytes[row]! <= bytes[rows[LARGEST - 1]!]!) continue;
    let at = rows.length;
    while (at > 0 && bytes[rows[at - 1]!]! < bytes[row]!) at--;
    rows.splice(at, 0, row);
    if (rows.length > LARGEST) rows.pop();
  }
  return rows.map((row) => ({
    row,
    key: keyOfRow(columns, row),
    bytes: bytes[row]!,
    params: columns.params[row]!,
  }));
}

/** Runs of alike blocks. What repeats inside a run is the same in each of its blocks, so only the first is looked into. */
function listRepeats(tree: ModuleTree): Summary['repeats'] {
  const texts = labelTexts(tree);
  const found: { node: number; label: string; times: number; params: number }[] = [];
  const skipFrom = new Map<number, number>();
  for (let node = 1; node < tree.count; node++) {
    for (let to = skipFrom.get(node); to !== undefined; to = skipFrom.get(node)) node = to;
    if (node >= tree.count) break;
    const times = tree.repeat[node]!;
    if (times === 0) continue;
    let params = 0;
    let last = node;
    let next = node;
    for (let i = 0; i < times; i++) {
      params += tree.params[next]!;
      last = next;
      next = tree.end[next]!;
    }
    skipFrom.set(tree.end[node]!, next);
    const above = pathOfNode(tree, tree.parent[node]!);
    const range = `${texts[tree.label[node]!]}–${texts[tree.label[last]!]}`;
    const isWhole = times === tree.siblings[node];
    const label = isWhole && above !== '' ? above : above === '' ? range : `${above}.${range}`;
    found.push({ node, label, times, params });
  }
  return found.sort((a, b) => b.params - a.params || a.node - b.node).slice(0, REPEATS);
}

function countRoles(columns: EntryColumns): Summary['roles'] {
  const counts = new Map<number, number>();
  for (let row = 0; row < columns.count; row++) {
    const guessed = (columns.flags[row]! & ROW_FLAG.guessedRole) !== 0 ? 1 : 0;
    const code = columns.roles[row]! * 2 + guessed;
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const rows = [...counts].map(([code, entries]) => ({
    role: ROLE_ORDER[code >> 1]!,
    entries,
    guessed: (code & 1) === 1,
  }));
  return rows.sort((a, b) => b.entries - a.entries);
}
