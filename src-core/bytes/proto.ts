/**
 * The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding): tags, varints and lengths, without a schema.
 * Fields are walked in a window that slides over the source; what is not asked for is skipped without being read.
 */
import { malformed, StateglassError, throwIfAborted } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { ByteSource } from './source.ts';
import { decodeText } from './wtf8.ts';

export type Wire = 'varint' | 'fixed64' | 'bytes' | 'fixed32';

/** One field of a message. Offsets are those of the file. */
export interface ProtoField {
  readonly number: number;
  readonly wire: Wire;
  /** Of its tag. */
  readonly start: number;
  /** Of its payload. */
  readonly at: number;
  readonly end: number;
  /** Of a varint, as unsigned 64 bits; 0 for the others. */
  readonly value: bigint;
}

/** Bytes [at, end) of a file that are one message. */
export interface ProtoSpan {
  readonly at: number;
  readonly end: number;
}

type Visit = (field: ProtoField) => Promise<void> | undefined | void;

/** The most that is read at once, and the least after a jump: a header between two payloads takes some hundred bytes. */
const WINDOW_MAX = 256 * 1024;
const WINDOW_MIN = 4 * 1024;
/** A tag and a length or number. */
const FIELD_HEAD = 20;
const WIRES: readonly (Wire | undefined)[] = ['varint', 'fixed64', 'bytes', undefined, undefined, 'fixed32'];

/** A field that does not lie in the window. */
const OUTSIDE = Symbol('outside');

export class ProtoScan {
  readonly source: ByteSource;
  /** Where the file ends inside a message; undefined for a whole file. */
  cutAt: number | undefined;
  private readonly format: string;
  private readonly signal: AbortSignal | undefined;
  private window: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private from = 0;
  private step = WINDOW_MAX / 8;
  /** What the last varint was, and where the next byte is. */
  private number = 0;
  private big = 0n;
  private next = 0;

  constructor(source: ByteSource, format: string, signal?: AbortSignal) {
    this.source = source;
    this.format = format;
    this.signal = signal;
  }

  get whole(): ProtoSpan {
    return { at: 0, end: this.source.size };
  }

  /**
   * Shows every field of a message, in order.
   *
   * @throws `malformed` for what is no message, `limit` for one that lies too deep in others.
   */
  async walk(span: ProtoSpan | ProtoField, depth: number, visit: Visit): Promise<void> {
    if ('wire' in span && span.wire !== 'bytes') throw this.fail('a number where a message should be', span.start);
    let { at } = span;
    const { end } = span;
    if (depth > LIMITS.protobufDepth) {
      throw new StateglassError({
        kind: 'limit',
        file: this.source.name,
        limit: 'protobufDepth',
        value: depth,
        max: LIMITS.protobufDepth,
        detail: 'messages lie too deep in one another',
      });
    }
    while (at < end) {
      let field = this.parse(at, end);
      if (field === OUTSIDE) {
        await this.fill(at, Math.min(end, at + FIELD_HEAD));
        field = this.parse(at, end);
      }
      if (field === undefined || field === OUTSIDE) return;
      const waiting = visit(field);
      if (waiting) await waiting;
      at = field.end;
    }
  }

  /** The payload of a field. @throws `limit` when it is longer than `max` bytes. */
  async bytes({ at, end }: ProtoSpan, max: number = LIMITS.protobufTextBytes): Promise<Uint8Array<ArrayBuffer>> {
    if (end - at > max) {
      throw new StateglassError({
        kind: 'limit',
        file: this.source.name,
        limit: 'protobufTextBytes',
        value: end - at,
        max,
        detail: 'a text or a list in it is too long',
      });
    }
    if (end - at > WINDOW_MAX) return this.source.read(at, end, this.signal);
    if (!this.holds(at, end)) await this.fill(at, end);
    return this.window.subarray(at - this.from, end - this.from);
  }

  async text(span: ProtoSpan | ProtoField): Promise<string> {
    if ('wire' in span && span.wire !== 'bytes') throw this.fail('a number where a text should be', span.start);
    return decodeText(await this.bytes(span));
  }

  private holds(at: number, end: number): boolean {
    return at >= this.from && end <= this.from + this.window.length;
  }

  /** Twice as much with every step that goes on where the last one ended; little where something was skipped. */
  private async fill(at: number, end: number): Promise<void> {
    throwIfAborted(this.signal);
    const before = this.from + this.window.length;
    const goesOn = at >= this.from && at <= before;
    this.step = goesOn ? Math.min(WINDOW_MAX, this.step * 2) : WINDOW_MIN;
    const stop = Math.min(this.source.size, Math.max(end, at + this.step));
    this.window = await this.source.read(at, stop, this.signal);
    this.from = at;
  }

  private parse(at: number, end: number): ProtoField | typeof OUTSIDE | undefined {
    if (!this.holds(at, Math.min(end, at + FIELD_HEAD))) return OUTSIDE;
    if (!this.readVarint(at, end)) return undefined;
    const tag = this.number;
    const payload = this.next;
    const number = Math.floor(tag / 8);
    const wire = WIRES[tag % 8];
    if (number < 1 || number > 0x1fffffff) throw this.fail(`field number ${number} cannot be`, at);
    if (!wire) throw this.fail(`a field of wire type ${tag % 8}, which this format does not use`, at);
    if (wire === 'varint') {
      if (!this.readVarint(payload, end)) return undefined;
      return { number, wire, start: at, at: payload, end: this.next, value: this.big };
    }
    if (wire !== 'bytes') return this.close(number, wire, at, payload, payload + (wire === 'fixed32' ? 4 : 8), end);
    if (!this.readVarint(payload, end)) return undefined;
    const from = this.next;
    return this.close(number, wire, at, from, from + this.number, end);
  }

  private close(number: number, wire: Wire, start: number, at: number, to: number, end: number) {
    if (to > end) {
      if (end !== this.source.size) throw this.fail('a field reaches past the message it is in', start);
      // The file was cut off: what is there can be looked at.
      this.cutAt ??= start;
      if (wire !== 'bytes') return undefined;
    }
    return { number, wire, start, at, end: Math.min(to, end), value: 0n };
  }

  /** False where the file ends inside it. Numbers past 2^53 are exact in `big` alone. */
  private readVarint(at: number, end: number): boolean {
    const { window, from } = this;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (at + i >= end) {
        if (end !== this.source.size) throw this.fail('a message ends inside a number', at);
        this.cutAt ??= at;
        return false;
      }
      const byte = window[at + i - from] as number;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte >= 0x80) continue;
      this.number = value;
      this.next = at + i + 1;
      this.big = i < 7 ? BigInt(value) : wideVarint(window, at - from, i + 1);
      return true;
    }
    throw this.fail('a number of more than ten bytes', at);
  }

  fail(detail: string, at?: number): StateglassError {
    return malformed(this.source.name, this.format, detail, at);
  }
}

function wideVarint(bytes: Uint8Array, at: number, length: number): bigint {
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 7n) | BigInt((bytes[at + i] as number) & 0x7f);
  return BigInt.asUintN(64, value);
}

/** Calls with every number of packed varints, as 64 unsigned bits. False when the last one is broken off. */
export function eachVarint(bytes: Uint8Array, call: (value: bigint) => void): boolean {
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if ((bytes[at] as number) >= 0x80) {
      if (at - start >= 9) return false;
      continue;
    }
    call(wideVarint(bytes, start, at + 1 - start));
    start = at + 1;
  }
  return start === bytes.length;
}

/** An int64 of 64 unsigned bits. @throws nothing: numbers past 2^53 are rounded. */
export const signed = (value: bigint): number => Number(BigInt.asIntN(64, value));
