import { throwIfAborted } from '../base/errors.ts';
import { checkAnswer } from '../bytes/range.ts';
import type { ByteSource } from '../bytes/source.ts';

/** Bytes [start, end) of a source. */
export interface Span {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;
}

/** Shorter spans are read in one go: opening a stream costs more. */
const STREAM_BYTES = 256 * 1024;

/** Fills buffers with the bytes of spans, one after the other, straight from the source's stream where it can. */
export class ByteFeed {
  readonly #spans: readonly Span[];
  readonly #signal: AbortSignal | undefined;
  #span = 0;
  /** Bytes taken of the current span. */
  #taken = 0;
  #reader: Reader | undefined;

  constructor(spans: readonly Span[], signal?: AbortSignal) {
    this.#spans = spans;
    this.#signal = signal;
  }

  /** Takes the buffer and gives it back filled, or shorter at the end of the last span. */
  async take(buffer: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
    const size = buffer.byteLength;
    let bytes = new Uint8Array(buffer);
    let filled = 0;
    while (filled < size) {
      throwIfAborted(this.#signal);
      const span = this.#spans[this.#span];
      if (!span) break;
      const left = span.end - span.start - this.#taken;
      if (left === 0) {
        await this.#endSpan();
        continue;
      }
      const want = Math.min(left, size - filled);
      this.#reader ??= openReader(span, this.#taken, this.#signal);
      const { view, got } = await this.#reader.into(bytes.buffer, filled, want);
      checkAnswer(span.source.name, Math.min(got, 1), 1);
      bytes = new Uint8Array(view);
      filled += got;
      this.#taken += got;
    }
    return bytes.subarray(0, filled);
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }

  async #endSpan(): Promise<void> {
    await this.#reader?.close();
    this.#reader = undefined;
    this.#span++;
    this.#taken = 0;
  }
}

interface Reader {
  /** At least one byte into [at, at + want) of a buffer, which may come back as another; none at the end. */
  into(buffer: ArrayBuffer, at: number, want: number): Promise<{ view: ArrayBuffer; got: number }>;
  close(): Promise<void>;
}

function openReader({ source, start, end }: Span, taken: number, signal: AbortSignal | undefined): Reader {
  const from = start + taken;
  if (!source.stream || end - from < STREAM_BYTES) return readRanges(source, from, end, signal);
  const stream = source.stream(from, end, signal);
  try {
    return readBytes(stream.getReader({ mode: 'byob' }));
  } catch {
    return readChunks(stream.getReader());
  }
}

function readRanges(source: ByteSource, from: number, end: number, signal: AbortSignal | undefined): Reader {
  let at = from;
  return {
    async into(buffer, offset, want) {
      const bytes = await source.read(at, Math.min(end, at + want), signal);
      new Uint8Array(buffer).set(bytes, offset);
      at += bytes.length;
      return { view: buffer, got: bytes.length };
    },
    close: async () => undefined,
  };
}

function readBytes(reader: ReadableStreamBYOBReader): Reader {
  return {
    async into(buffer, at, want) {
      const { value } = await reader.read(new Uint8Array(buffer, at, want));
      return value ? { view: value.buffer, got: value.length } : { view: buffer, got: 0 };
    },
    close: () => reader.cancel().catch(() => undefined),
  };
}

/** Streams that bring their own chunks (a server's answer, a counted source). */
function readChunks(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>): Reader {
  let chunk: Uint8Array<ArrayBuffer> = new Uint8Array();
  return {
    async into(buffer, at, want) {
      while (chunk.length === 0) {
        const { value, done } = await reader.read();
        if (done) return { view: buffer, got: 0 };
        chunk = value;
      }
      const part = chunk.subarray(0, want);
      new Uint8Array(buffer).set(part, at);
      chunk = chunk.subarray(part.length);
      return { view: buffer, got: part.length };
    },
    close: () => reader.cancel().catch(() => undefined),
  };
}
