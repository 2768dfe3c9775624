/** Arrays by name, as `np.savez` and `np.savez_compressed` write them: a zip of `NAME.npy` members. */
import type { Read } from '../format.ts';
import type { ArrayTable } from './array-table.ts';
import { readMembers } from './read-members.ts';
import { toState } from './to-state.ts';

export const read: Read = async (context) => {
  const { id, source, signal } = context;
  const found = await readMembers(id, source, signal);
  if ('decline' in found) return found;
  const { zip, table } = found;
  for (const { code, severity, message, at } of zip.problems) table.addProblem({ code, severity, message, at });
  tellRepeats(table);
  return { state: await toState(table, context, { format: 'npz' }), used: [id] };
};

/** NumPy takes the last of several. */
function tellRepeats(table: ArrayTable): void {
  const seen = new Set<string>();
  for (const { id, key } of table.entries) {
    if (seen.has(key)) {
      const message = `The name ${key} occurs more than once; NumPy reads the last.`;
      table.addProblem({ code: 'duplicate-key', severity: 'error', message, entry: id });
    }
    seen.add(key);
  }
}
