import type { ByteSource, FileId, FileSet } from '../bytes/source.ts';
import type { Problem, StateDict, TensorValue } from '../model/state-dict.ts';

export type Likelihood = 'yes' | 'maybe' | 'no';

/** What a reader is given: the file it was chosen for and everything that was opened with it. */
export interface ReadContext {
  /** Id of the primary file in `files`. */
  readonly id: FileId;
  readonly source: ByteSource;
  /** All files opened together, the primary included. Shards and external data are looked for here. */
  readonly files: FileSet;
  /** The names `gather` put together with the primary, the primary first; only the primary when it is alone. */
  readonly set: readonly FileId[];
  readonly signal?: AbortSignal;
  /** Bytes read of the bytes this read expects to need. */
  readonly onProgress?: (done: number, total: number) => void;
}

export type ReadResult =
  /** `used` are the files that belong to the document now; others go on to be opened by themselves. */
  | {
      readonly state: StateDict;
      readonly used: readonly FileId[];
      /** What a person calls it, where that is not the name of its file or folder. */
      readonly name?: string;
    }
  /** Not mine after all (`.pt`, `.npz` and `.keras` all start with PK): the next format is asked. */
  | { readonly decline: string };

export type Read = (context: ReadContext) => Promise<ReadResult>;

/** A format is a folder with an `index.ts` exporting one of these, and one line in `registry.ts`. */
export interface Format {
  readonly id: string;
  readonly label: string;
  /** With the dot, lower case. For file dialogs and the README; recognition is by content. */
  readonly extensions: readonly string[];
  /** Judges by the first bytes (up to 4 KiB; fewer in a small file) and the name. The content counts more than the name. */
  probe(head: Uint8Array, name: string): Likelihood;
  /** Sets of names that make one document each, the file to read first in front. Names in no set stand alone. */
  gather?(names: readonly FileId[]): readonly (readonly FileId[])[];
  /** Where `save` writes what stands beside the entries; absent: nowhere. Other sections follow from the file itself. */
  metadataPlaces?(state: StateDict): readonly MetadataPlace[];
  /** Brings the parser, and the writer where there is one. Eagerly imported code stays tiny. */
  load(): Promise<{ read: Read; write?: Write; save?: Save }>;
}

/** A section of metadata that can be edited. */
export interface MetadataPlace {
  readonly section: string;
  /** `texts`: each value is a text. `json`: any JSON value. `typed`: each has one of `types`, or is a list of one of them. */
  readonly holds: 'texts' | 'json' | 'typed';
  readonly types?: readonly string[];
  /** What the key of a new item has to begin with. */
  readonly under?: string;
}

/** A format that can be written: one line in `writers.ts`. What can also be read is a `Format` as well. */
export interface Writer extends Pick<Format, 'id' | 'label' | 'extensions'> {
  /** `tensors`: any number, by name. */
  readonly holds: 'tensors' | 'one tensor';
  /** Entries that name one storage have it together in the file. Absent: each is written with bytes of its own. */
  readonly keepsTies?: true;
  load(): Promise<{ write: Write }>;
}

/**
 * Plans a file that holds the entries of a state dict; reads nothing. What the format cannot hold is left out and told in
 * `losses`; a value that it could only hold changed is refused.
 *
 * @throws `unsupported` for what cannot be written as it is, `bad-input` for names that the format cannot tell apart.
 */
export type Write = (state: StateDict) => WritePlan;

export interface WritePlan {
  /** Bytes of the file; absent where only reading the values tells (numbers as text). */
  readonly size?: number;
  /** One after the other they are the file. Made when they are asked for: half a million tensors are planned without them. */
  parts(): Iterable<Part>;
  /** What of the entries is not in the file, or not in the way it was. */
  readonly losses: readonly Problem[];
}

export interface SaveContext {
  /** As the reader gave it. */
  readonly before: StateDict;
  /** As it shall be. Every entry names its row in `before` (`source`); storages keep their numbers, new ones follow. */
  readonly after: StateDict;
  readonly files: FileSet;
  readonly signal?: AbortSignal;
}

/** A file of a saved document. */
export interface SavedFile extends WritePlan {
  /** The file whose place it takes; a new name for a new file. */
  readonly file: FileId;
}

/**
 * Plans the files of a document anew, with its edits. What was not touched is copied from where it stands, byte for byte;
 * without an edit every file is one copy. Reads what the plan needs (a header, a text), never tensors.
 *
 * @throws `unsupported` for an edit that the format has no way to write, naming the entry.
 */
export type Save = (context: SaveContext) => Promise<readonly SavedFile[]>;

/** Lengths are bytes. `see` is shown all bytes of its part, in order and before any later part. */
export type Part =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Bytes of an original file, as they are. */
  | {
      readonly kind: 'copy';
      readonly file: FileId;
      readonly offset: number;
      readonly length: number;
      readonly see?: See;
    }
  /** The elements of a tensor in C order, little-endian, densely packed. */
  | { readonly kind: 'elements'; readonly value: TensorValue; readonly length: number; readonly see?: See }
  /** Those elements as text: `spell` makes what turns so many of them, in turn, into bytes. */
  | { readonly kind: 'text'; readonly value: TensorValue; readonly spell: () => Spell }
  /** Known when all parts after it are done (a check sum). Room is left for it. */
  | { readonly kind: 'late'; readonly length: number; readonly make: () => Uint8Array<ArrayBuffer> };

export type See = (bytes: Uint8Array<ArrayBuffer>) => void;
export type Spell = (bytes: Uint8Array<ArrayBuffer>, count: number) => Uint8Array<ArrayBuffer>;
