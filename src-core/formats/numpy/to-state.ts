import { listEntries } from '../../model/entries.ts';
import type { StateDict } from '../../model/state-dict.ts';
import { listStorages } from '../../model/storages.ts';
import type { ReadContext } from '../format.ts';
import type { ArrayTable } from './array-table.ts';
import { readLeaves } from './read-leaves.ts';

export async function toState(
  table: ArrayTable,
  { id, source, files, signal }: ReadContext,
  { format, version }: { readonly format: 'npy' | 'npz'; readonly version?: string },
): Promise<StateDict> {
  const pickle = await readLeaves(table, files, source.name, signal);
  const problems = table.finish().map((problem) => ({ ...problem, file: id }));
  const storages = listStorages(table.storages);
  const { entries, bytes } = table;
  return {
    format,
    ...(version !== undefined && { formatVersion: version }),
    dialect: 'generic',
    layout: 'flat',
    entries: listEntries(entries, { storages, problems, bytesOf: (entry) => bytes[entry.id] }),
    storages,
    nodes: new Map(),
    shares: [],
    metadata: [],
    problems,
    files: [{ id, name: source.name, size: source.size, part: 'model' }],
    ...(pickle && { pickle }),
  };
}
