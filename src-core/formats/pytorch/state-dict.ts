import type { ByteSource, FileId } from '../../bytes/source.ts';
import { listEntries } from '../../model/entries.ts';
import type { ByteSlice, MetaItem, PickleReport, Problem, StateDict, Storage } from '../../model/state-dict.ts';
import { listStorages } from '../../model/storages.ts';
import type { Flat } from './flatten.ts';
import { findShares } from './shares.ts';

export interface Parts {
  readonly file: FileId;
  readonly source: ByteSource;
  readonly formatVersion: string;
  readonly flat: Flat;
  readonly storages: readonly Storage[];
  /** What the archive says beside its pickle. */
  readonly metadata: readonly MetaItem[];
  readonly problems: readonly Problem[];
  readonly pickle: PickleReport;
  readonly header?: ByteSlice;
}

/** Puts together what was read of one file. */
export function makeStateDict(parts: Parts): StateDict {
  const { flat, file, source } = parts;
  const storages = listStorages(parts.storages);
  const { groups, apart } = findShares(flat.entries, (id) => storages.get(id)?.byteLength ?? 0);
  const problems = [...parts.problems, ...flat.problems].map((problem) => ({ file, ...problem }));
  const entries = listEntries(flat.entries, {
    storages,
    shares: groups,
    problems,
    countedApart: apart,
    bytesOf: (entry) => flat.bytes.get(entry.id),
  });
  return {
    format: 'pytorch',
    formatVersion: parts.formatVersion,
    dialect: 'torch',
    layout: flat.layout,
    entries,
    storages,
    nodes: flat.nodes,
    shares: groups,
    metadata: [...flat.metadata, ...parts.metadata],
    problems,
    files: [{ id: file, name: source.name, size: source.size, part: 'model' }],
    pickle: parts.pickle,
    ...(parts.header ? { header: parts.header } : {}),
  };
}
