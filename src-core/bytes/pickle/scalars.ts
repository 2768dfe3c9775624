import { LIMITS } from '../../base/limits.ts';
import type { IntNode, LongNode } from './nodes.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text of UTF-8 bytes as Python's `surrogatepass` reads it: lone surrogates are let through. Undefined when it is not text. */
export function decodeText(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeWithSurrogates(bytes);
  }
}

function decodeWithSurrogates(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  let text = '';
  let from = 0;
  try {
    for (let i = 0; i + 2 < bytes.length; i++) {
      if (bytes[i] !== 0xed || bytes[i + 1]! < 0xa0 || bytes[i + 1]! > 0xbf || (bytes[i + 2]! & 0xc0) !== 0x80)
        continue;
      text += strict.decode(bytes.subarray(from, i));
      text += String.fromCharCode(0xd000 | ((bytes[i + 1]! & 0x3f) << 6) | (bytes[i + 2]! & 0x3f));
      from = i + 3;
      i += 2;
    }
    return text + strict.decode(bytes.subarray(from));
  } catch {
    return undefined;
  }
}

/** A little-endian two's complement integer of any length. */
export function decodeLong(bytes: Uint8Array<ArrayBuffer>): IntNode | LongNode {
  if (bytes.length === 0) return { kind: 'int', value: 0 };
  const isNegative = bytes[bytes.length - 1]! >= 0x80;
  if (bytes.length <= 6) {
    let value = 0;
    for (let i = bytes.length - 1; i >= 0; i--) value = value * 256 + bytes[i]!;
    return { kind: 'int', value: isNegative ? value - 2 ** (8 * bytes.length) : value };
  }
  // Past the cap the first hex digits are kept: as stored, so a negative number shows its two's complement.
  const isLong = bytes.length * 8 > LIMITS.pickleIntBits;
  const last = isLong ? bytes.length - LIMITS.pickleIntBits / 8 : 0;
  let hex = '';
  for (let i = bytes.length - 1; i >= last; i--) hex += bytes[i]!.toString(16).padStart(2, '0');
  if (isLong) return { kind: 'long', digits: `0x${hex}… (${bytes.length * 8} bits)` };
  const value = BigInt(`0x${hex}`) - (isNegative ? 1n << BigInt(8 * bytes.length) : 0n);
  return fromBigInt(value);
}

const fromBigInt = (value: bigint): IntNode | LongNode => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? { kind: 'int', value: number } : { kind: 'long', digits: value.toString() };
};

/** The shortest little-endian two's complement of an integer; none for 0. */
export function encodeLong(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; left !== 0n && left !== -1n; left >>= 8n) bytes.push(Number(left & 0xffn));
  const isNegative = value < 0n;
  // The last byte has the sign.
  if (value !== 0n && (bytes.length === 0 || bytes.at(-1)! >= 0x80 !== isNegative)) bytes.push(isNegative ? 0xff : 0);
  return Uint8Array.from(bytes);
}

/** The decimal text of protocol 0, with Python 2's trailing `L`. Undefined when it is no integer. */
export function parseIntText(text: string): IntNode | LongNode | undefined {
  const digits = text.trim().replace(/L$/, '');
  if (!/^[+-]?\d+$/.test(digits)) return undefined;
  // Longer than the cap in bits: kept as written, shortened.
  const most = Math.floor(LIMITS.pickleIntBits / 3);
  if (digits.length > most) return { kind: 'long', digits: `${digits.slice(0, most)}… (${digits.length} digits)` };
  return fromBigInt(BigInt(digits));
}

/** `1e400`, `inf`, `-nan` as Python's `repr` writes floats. */
export function parseFloatText(text: string): number | undefined {
  const word = text.trim().toLowerCase();
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(word);
  if (special)
    return special[2] === 'nan' ? Number.NaN : special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word) ? Number(word) : undefined;
}

const ESCAPES: Record<string, number> = { n: 10, r: 13, t: 9, '\\': 92, "'": 39, '"': 34, a: 7, b: 8, f: 12, v: 11 };

/** Bytes of a quoted Python 2 string literal (`STRING`). Undefined when it is not quoted. */
export function parseQuoted(line: string): Uint8Array<ArrayBuffer> | undefined {
  const text = line.trim();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) return undefined;
  const out: number[] = [];
  for (let i = 1; i < text.length - 1; i++) {
    const char = text[i]!;
    if (char !== '\\') {
      out.push(char.charCodeAt(0) & 0xff);
      continue;
    }
    const next = text[++i]!;
    const hex = next === 'x' ? /^[0-9a-fA-F]{2}/.exec(text.slice(i + 1, i + 3)) : null;
    const octal = /^[0-7]{1,3}/.exec(text.slice(i, i + 3));
    if (hex) {
      out.push(Number.parseInt(hex[0], 16));
      i += 2;
    } else if (octal) {
      out.push(Number.parseInt(octal[0], 8) & 0xff);
      i += octal[0].length - 1;
    } else if (next in ESCAPES) out.push(ESCAPES[next]!);
    else out.push(0x5c, next.charCodeAt(0) & 0xff);
  }
  return Uint8Array.from(out);
}

/** Python's `raw-unicode-escape`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
export function decodeRawUnicode(latin1: string): string {
  return latin1.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short?: string, long?: string) => {
    const code = Number.parseInt((short ?? long)!, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
