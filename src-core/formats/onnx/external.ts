/** Data of tensors in files beside the model (onnx, `docs/ExternalData.md`). Only files that were opened with it are looked at. */
import type { FileId, FileSet } from '../../bytes/source.ts';
import type { ByteSlice, FileInfo } from '../../model/state-dict.ts';
import { listTensors } from './list-tensors.ts';
import type { OnnxModel } from './model.ts';

type Found = { readonly slice: ByteSlice } | { readonly why: string; readonly isFault: boolean };

/** Which files tensors name, and which of them are here. */
export class ExternalFiles {
  private readonly folder: string;
  private readonly files: FileSet;
  private readonly named = new Map<string, FileId | undefined>();

  constructor(primary: FileId, files: FileSet) {
    this.folder = primary.slice(0, primary.lastIndexOf('/') + 1);
    this.files = files;
  }

  /** The file that a location means: in the model's folder or below it; by its bare name where a folder was dropped without its name. */
  find(location: string): FileId | undefined {
    if (!this.named.has(location)) {
      const name = location.slice(location.lastIndexOf('/') + 1);
      const ids = [this.folder + location.replace(/^(\.\/)+/, ''), this.folder + name];
      this.named.set(
        location,
        ids.find((id) => this.files.has(id)),
      );
    }
    return this.named.get(location);
  }

  sizeOf(id: FileId): number {
    return this.files.get(id)?.size ?? 0;
  }

  /** Every file that was named. */
  list(): readonly FileInfo[] {
    const infos = new Map<FileId, FileInfo>();
    for (const [location, id] of this.named) {
      const source = id === undefined ? undefined : this.files.get(id);
      const key = id ?? this.folder + location;
      const name = location.slice(location.lastIndexOf('/') + 1);
      infos.set(
        key,
        source ? { id: key, name: source.name, size: source.size, part: 'data' } : { id: key, name, part: 'missing' },
      );
    }
    return [...infos.values()];
  }
}

/** The files that tensors name, each once, but for those that would lie elsewhere. */
export function listLocations(model: OnnxModel): readonly string[] {
  const named = listTensors(model).flatMap(({ tensor }) => tensor.external?.get('location') ?? []);
  return [...new Set(named)].filter((location) => refuseLocation(location) === undefined);
}

/** Where a tensor's bytes are, by what it says of them. */
export function readExternal(files: ExternalFiles, said: ReadonlyMap<string, string>, bytes: number): Found {
  const location = said.get('location') ?? '';
  const refused = refuseLocation(location);
  if (refused) return { why: refused, isFault: true };
  const offset = readNumber(said.get('offset'), 0);
  const length = readNumber(said.get('length'), bytes);
  if (offset === undefined || length === undefined)
    return { why: `its place in ${location} is no number`, isFault: true };
  if (length !== bytes)
    return { why: `${location} is said to hold ${length} bytes of it, and its shape needs ${bytes}`, isFault: true };
  const file = files.find(location);
  if (file === undefined) return { why: `${location} is not open`, isFault: false };
  if (offset + bytes > files.sizeOf(file)) return { why: `${location} ends before it`, isFault: true };
  return { slice: { file, offset, length: bytes } };
}

/** Paths that lead out of the model's folder have been used to read files that nobody meant to share. */
function refuseLocation(location: string): string | undefined {
  if (location === '') return 'it does not say in which file it is';
  const isAbsolute = /^(?:[/\\]|[a-z]:|[a-z][a-z0-9+.-]*:\/\/)/i.test(location);
  if (isAbsolute || location.split(/[/\\]/).includes('..') || location.includes('\0'))
    return `its file ${JSON.stringify(location)} would lie outside the model's folder, which is not read`;
  return undefined;
}

function readNumber(text: string | undefined, absent: number): number | undefined {
  if (text === undefined || text === '') return absent;
  const value = /^\d{1,17}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
