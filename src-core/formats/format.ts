import type { ByteSource, FileId, FileSet } from '../bytes/source.ts';
import type { StateDict } from '../model/state-dict.ts';

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
  | { readonly state: StateDict; readonly used: readonly FileId[] }
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
  /** Brings the parser. Eagerly imported code stays tiny. */
  load(): Promise<{ read: Read }>;
}
