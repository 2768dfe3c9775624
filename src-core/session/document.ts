import type { ErrorInfo } from '../base/errors.ts';
import type { ByteSource, FileId, FileSet } from '../bytes/source.ts';
import type { StateDict } from '../model/state-dict.ts';

/** One opened model: what it declares and the files its bytes are in. */
export interface Document {
  /** The primary file's name, or the folder's when a set of files lies in one. */
  readonly name: string;
  readonly state: StateDict;
  readonly files: FileSet;
  /** Bytes read from all sources so far. Those that a pool reads are told by the pool. */
  readonly bytesRead: number;
}

export interface OpenFile {
  readonly id: FileId;
  readonly source: ByteSource;
}

export interface Opened {
  readonly documents: readonly Document[];
  /** Files that are no model, each with why. Companions of a model are not failures. */
  readonly failures: readonly { readonly file: FileId; readonly error: ErrorInfo }[];
}
