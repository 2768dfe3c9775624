import type { FileId } from '../../bytes/source.ts';
import { listEntries } from '../../model/entries.ts';
import { ProblemList } from '../../model/problem-list.ts';
import type { Dialect, FileInfo, MetaItem, StateDict } from '../../model/state-dict.ts';
import { listStorages } from '../../model/storages.ts';
import { type Listing, listFile } from './flatten.ts';
import type { Scanned } from './scan.ts';

export const emptyListing = (): Listing => ({
  entries: [],
  leaves: [],
  storages: [],
  nodes: new Map(),
  problems: new ProblemList(),
});

/** Adds one file, and what is wrong with it as a whole. */
export function addFile({ root, broken, trailing }: Scanned, file: FileId, into: Listing): void {
  listFile(root, file, into);
  if (broken) {
    into.problems.add({
      code: 'truncated',
      severity: 'error',
      message: `${broken.message}. What stands before it is listed.`,
      advice: 'The download or the copy may have ended too soon: get the file again.',
      file,
      ...(broken.info.kind === 'malformed' && broken.info.at !== undefined && { at: broken.info.at }),
    });
  }
  if (trailing > 0) {
    into.problems.add({
      code: 'trailing-bytes',
      severity: 'warning',
      message: `${trailing} bytes follow the state dict, and belong to nothing.`,
      advice: 'flax refuses a file with anything behind its value.',
      file,
    });
  }
}

export function makeState(
  { entries, storages, nodes, problems }: Listing,
  files: readonly FileInfo[],
  more: { readonly version?: string; readonly metadata?: readonly MetaItem[] } = {},
): StateDict {
  const found = listStorages(storages);
  const told = problems.finish();
  return {
    format: 'flax',
    ...(more.version !== undefined && { formatVersion: more.version }),
    dialect: dialectOf(entries),
    layout: 'nested',
    entries: listEntries(entries, { storages: found, problems: told }),
    storages: found,
    nodes,
    shares: [],
    metadata: more.metadata ?? [],
    problems: told,
    files,
  };
}

/** Integers as keys are how flax.nnx counts; Linen and `to_state_dict` write them as text. */
const dialectOf = (entries: Listing['entries']): Dialect =>
  entries.some(({ path }) => path.parts.some((part, i) => typeof part === 'number' && path.kinds[i] === 'key'))
    ? 'nnx'
    : 'generic';
