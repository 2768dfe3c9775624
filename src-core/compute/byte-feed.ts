import { throwIfAborted } from '../base/errors.ts';
import { checkAnswer } from '../bytes/range.ts';
import type { ByteReader, ByteSource } from '../bytes/source.ts';

/** What bytes are fed from: a source, or what is made when it is asked for. */
export type Readable = Pick<ByteSource, 'name' | 'read' | 'reader' | 'stream'>;

/** Bytes [start, end) of a source. */
export interface Span {
  readonly source: Readable;
  readonly start: number;
  readonly end: number;
}

/** Shorter spans are read in one go: opening a stream costs more. */
const STREAM_BYTES = 256 * 1024;

/** The bytes of spans, one after the other. */
export class ByteFeed {
  readonly #spans: readonly Span[];
  readonly #signal: AbortSignal | undefined;
  #span = 0;
  /** Bytes taken of the current span. */
  #taken = 0;
  #reader: ByteReader | undefined;

  constructor(spans: readonly Span[], signal?: AbortSignal) {
    this.#spans = spans;
    this.#signal = signal;
  }

  /** Fills the memory, but for what lies behind the end of the last span, and says how many bytes came. */
  async fill(into: Uint8Array<ArrayBuffer>): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      throwIfAborted(this.#signal);
      const span = this.#spans[this.#span];
      if (!span) break;
      const left = span.end - span.start - this.#taken;
      if (left === 0) {
        this.#endSpan();
        continue;
      }
      this.#reader ??= openReader(span, this.#signal);
      const answer = this.#reader.readInto(into.subarray(filled, filled + left));
      // Files in Node answer at once, and a wait would cost as much as a piece.
      const got = typeof answer === 'number' ? answer : await answer;
      checkAnswer(span.source.name, Math.min(got, 1), 1);
      filled += got;
      this.#taken += got;
    }
    return filled;
  }

  close(): void {
    this.#reader?.close();
  }

  #endSpan(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#span++;
    this.#taken = 0;
  }
}

function openReader({ source, start, end }: Span, signal: AbortSignal | undefined): ByteReader {
  if (source.reader) return source.reader(start, end, signal);
  if (!source.stream || end - start < STREAM_BYTES) return readRanges(source, start, end, signal);
  return readChunks(source.stream(start, end, signal).getReader());
}

function readRanges(source: Readable, start: number, end: number, signal: AbortSignal | undefined): ByteReader {
  let at = start;
  return {
    async readInto(into) {
      const bytes = await source.read(at, Math.min(end, at + into.length), signal);
      into.set(bytes);
      at += bytes.length;
      return bytes.length;
    },
    close: () => undefined,
  };
}

function readChunks(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>): ByteReader {
  let chunk: Uint8Array<ArrayBuffer> = new Uint8Array();
  return {
    async readInto(into) {
      while (chunk.length === 0) {
        const { value, done } = await reader.read();
        if (done) return 0;
        chunk = value;
      }
      const part = chunk.subarray(0, into.length);
      into.set(part);
      chunk = chunk.subarray(part.length);
      return part.length;
    },
    close: () => void reader.cancel().catch(() => undefined),
  };
}
