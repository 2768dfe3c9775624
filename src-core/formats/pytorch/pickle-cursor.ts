import { malformed, type StateglassError, throwIfAborted } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { PickleResult } from '../../bytes/pickle/machine.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { PickleReader } from '../../model/pickle/read-pickles.ts';

export interface CursorOptions {
  readonly pickles: PickleReader;
  /** For errors. */
  readonly format: string;
  /** Where the source begins in its file. */
  readonly base: number;
  readonly signal: AbortSignal | undefined;
}

const FIRST_WINDOW = 4096;

/** Pickles and numbers one after the other, with bytes between them that are not read. */
export class PickleCursor {
  private at = 0;
  private readonly source: ByteSource;
  private readonly options: CursorOptions;

  constructor(source: ByteSource, options: CursorOptions) {
    this.source = source;
    this.options = options;
  }

  /** In the file. */
  get offset(): number {
    return this.options.base + this.at;
  }

  get left(): number {
    return this.source.size - this.at;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  /** The window doubles until the pickle ends inside. */
  async pickle(): Promise<PickleResult> {
    const { source, options } = this;
    for (let size = FIRST_WINDOW; ; size *= 2) {
      throwIfAborted(options.signal);
      if (this.left <= 0) throw this.fail('a pickle is missing', this.offset);
      const end = Math.min(source.size, this.at + Math.min(size, LIMITS.pickleBytes));
      const window = await source.read(this.at, end, options.signal);
      const isAll = end === source.size || window.length === LIMITS.pickleBytes;
      const named = { file: source.name };
      const result = isAll ? options.pickles.read(window, named) : options.pickles.tryRead(window, named);
      if (!result) continue;
      this.at += result.end;
      return result;
    }
  }

  /** A size: eight bytes, of which a rank has four that count. */
  async size(bytes: 4 | 8 = 8): Promise<number> {
    if (this.left < 8) throw this.fail('a number is cut off', this.offset);
    const read = await this.source.read(this.at, this.at + 8, this.options.signal);
    const view = new DataView(read.buffer, read.byteOffset, 8);
    const value = bytes === 4 ? view.getInt32(0, true) : Number(view.getBigInt64(0, true));
    if (!Number.isSafeInteger(value) || value < 0) throw this.fail('a size that is no size', this.offset);
    this.at += 8;
    return value;
  }

  fail(detail: string, at: number): StateglassError {
    return malformed(this.source.name, this.options.format, detail, at);
  }
}
