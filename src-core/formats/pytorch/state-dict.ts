import type { ByteSource, FileId } from '../../bytes/source.ts';
import { listEntries } from '../../model/entries.ts';
import type {
  ByteSlice,
  FileInfo,
  MetaItem,
  PickleReport,
  Problem,
  StateDict,
  Storage,
} from '../../model/state-dict.ts';
import { listStorages } from '../../model/storages.ts';
import type { Flat } from './flatten.ts';
import { findShares } from './shares.ts';

/** What was read of one file. Ids of entries and storages count from 0. */
export interface FilePart {
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

/** What becomes one document, of one file or of several. */
export interface Whole {
  readonly formatVersion: string;
  readonly flat: Omit<Flat, 'metadata' | 'problems'>;
  readonly storages: readonly Storage[];
  readonly metadata: readonly MetaItem[];
  readonly problems: readonly Problem[];
  readonly files: readonly FileInfo[];
  readonly pickle?: PickleReport;
  readonly header?: ByteSlice;
}

/** The document of one file. */
export function fileToStateDict(part: FilePart): StateDict {
  const { file, source, flat } = part;
  return makeStateDict({
    ...part,
    metadata: metadataOf(part),
    problems: [...part.problems, ...flat.problems].map((problem) => ({ file, ...problem })),
    files: [{ id: file, name: source.name, size: source.size, part: 'model' }],
  });
}

export const metadataOf = ({ flat, metadata }: FilePart): readonly MetaItem[] => [...flat.metadata, ...metadata];

export function makeStateDict(whole: Whole): StateDict {
  const { flat, problems } = whole;
  const storages = listStorages(whole.storages);
  const { groups, apart } = findShares(flat.entries, (id) => storages.get(id)?.byteLength ?? 0);
  const entries = listEntries(flat.entries, {
    storages,
    shares: groups,
    problems,
    countedApart: apart,
    bytesOf: (entry) => flat.bytes.get(entry.id),
  });
  return {
    format: 'pytorch',
    formatVersion: whole.formatVersion,
    dialect: 'torch',
    layout: flat.layout,
    entries,
    storages,
    nodes: flat.nodes,
    shares: groups,
    metadata: whole.metadata,
    problems,
    files: whole.files,
    ...(whole.pickle ? { pickle: whole.pickle } : {}),
    ...(whole.header ? { header: whole.header } : {}),
  };
}
