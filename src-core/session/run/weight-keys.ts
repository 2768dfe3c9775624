import type { FileSet } from '../../bytes/source.ts';
import type { Storage, StorageData, TensorValue } from '../../model/state-dict.ts';
import { viewKey } from '../view-key.ts';

/** What weights are made of, as texts: the same for the same elements of the same storage. A storage that an edit made is another. */
export class WeightKeys {
  private readonly numbers = new WeakMap<object, number>();
  private next = 0;

  of(files: FileSet, value: TensorValue, storage: Storage | undefined): string {
    return `${storage ? this.dataKey(files, storage.data) : 'nothing'} ${viewKey({ ...value, storage: 0 })}`;
  }

  /** Ranges of files are known by their files; what an edit made, by the object that says how. */
  private dataKey(files: FileSet, data: StorageData): string {
    if (data.kind !== 'slices') return String(this.numberOf(data));
    const ranges = data.slices.map((slice) => ({ ...slice, file: this.numberOf(files.get(slice.file) ?? data) }));
    return JSON.stringify(ranges);
  }

  private numberOf(object: object): number {
    const number = this.numbers.get(object) ?? this.next++;
    this.numbers.set(object, number);
    return number;
  }
}
