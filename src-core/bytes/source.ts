/** How a worker re-opens a source: a ByteSource cannot be cloned, its handle can. */
export type SourceHandle =
  | { kind: 'blob'; blob: Blob; name: string }
  | {
      kind: 'url';
      url: string;
      name: string;
      headers?: Readonly<Record<string, string>>;
      /** Bytes, and the ETag or date, once they are known: nobody need ask the server again. */
      size?: number;
      validator?: string;
    }
  | { kind: 'path'; path: string; name: string }
  | { kind: 'buffer'; bytes: Uint8Array<ArrayBuffer>; name: string }
  | { kind: 'window'; of: SourceHandle; offset: number; length: number; name: string };

/** Bytes that can be asked for by range: a file, a URL, a zip member, a cache in front of one. */
export interface ByteSource {
  /** The file's own name without folders, for people and for extension checks. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly handle: SourceHandle;
  /** All of it was downloaded to be opened and is in memory: its server gives no ranges. */
  readonly wholeDownload?: boolean;
  /** Exactly the bytes of [start, end). A range outside [0, size] or a short answer is a `source` error. */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** The same bytes one after the other, for scans: into memory that is already there, ahead of what is asked for where it can. */
  reader?(start: number, end: number, signal?: AbortSignal): ByteReader;
  /** The same bytes in chunks of the source's choosing, for scans of sources that have no reader. */
  stream?(start: number, end: number, signal?: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Walks a range from its start to its end. It holds the file open: close it. */
export interface ByteReader {
  /** Fills the beginning of `into` with the next bytes and says how many: at least one before the end, none at the end. */
  readInto(into: Uint8Array<ArrayBuffer>): number | Promise<number>;
  close(): void;
}

/** A file's place in a document: its path relative to what was opened, `/`-separated. Unique in a FileSet. */
export type FileId = string;
export type FileSet = ReadonlyMap<FileId, ByteSource>;

/** Whether its bytes come from a server. */
export const isRemote = (handle: SourceHandle): boolean =>
  handle.kind === 'url' || (handle.kind === 'window' && isRemote(handle.of));

/** Whether two handles are known to give the same bytes. A path does not tell: the file there may be another by now. */
export function isSameSource(a: SourceHandle, b: SourceHandle): boolean {
  if (a === b) return true;
  if (a.kind === 'blob') return b.kind === 'blob' && a.blob === b.blob;
  if (a.kind === 'buffer') return b.kind === 'buffer' && a.bytes === b.bytes;
  if (a.kind === 'window') {
    return b.kind === 'window' && a.offset === b.offset && a.length === b.length && isSameSource(a.of, b.of);
  }
  return a.kind === 'url' && b.kind === 'url' && a.url === b.url && !!a.validator && a.validator === b.validator;
}
