import { type ModuleTree, NODE_FLAG, NOT_AN_ENTRY } from './module-tree.ts';
import { type EntryColumns, ROW_FLAG } from './state-dict.ts';

/** A tree whose kinds and repeats are still to be found. */
export type BareTree = Omit<ModuleTree, 'kind' | 'kinds' | 'repeat'>;

/** What `dtypeBelow` holds of a subtree whose tensors differ. No table of dtypes is that long. */
const MIXED = 0xffff;

/**
 * Fills params, bytes, entries, the common dtype of modules and `problemBelow`. An alias adds nothing to params and bytes: its
 * owner has them. Children stand behind their parent, so one pass from the end sums everything.
 */
export function addTotals(tree: BareTree, columns: EntryColumns): void {
  const { count, parent, entry, params, bytes, entries, flags, dtype } = tree;
  const dtypeBelow = new Uint16Array(count);
  for (let node = count - 1; node >= 0; node--) {
    const row = entry[node]!;
    if (row !== NOT_AN_ENTRY) {
      entries[node]! += 1;
      if ((columns.flags[row]! & ROW_FLAG.alias) === 0) {
        params[node]! += columns.params[row]!;
        bytes[node]! += columns.bytes[row]!;
      }
      dtypeBelow[node] = commonDType(dtypeBelow[node]!, dtype[node]!);
    } else {
      const below = dtypeBelow[node]!;
      dtype[node] = below === MIXED ? 0 : below;
    }
    if (node === 0) break;
    const up = parent[node]!;
    params[up]! += params[node]!;
    bytes[up]! += bytes[node]!;
    entries[up]! += entries[node]!;
    dtypeBelow[up] = commonDType(dtypeBelow[up]!, dtypeBelow[node]!);
    if ((flags[node]! & (ROW_FLAG.problem | NODE_FLAG.problemBelow)) !== 0) flags[up]! |= NODE_FLAG.problemBelow;
    if ((flags[node]! & (ROW_FLAG.edited | NODE_FLAG.editedBelow)) !== 0) flags[up]! |= NODE_FLAG.editedBelow;
  }
}

const commonDType = (a: number, b: number): number => (a === 0 || a === b ? b : b === 0 ? a : MIXED);
