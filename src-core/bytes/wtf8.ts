const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text of bytes written by `writeCodePoint`: UTF-8, and lone surrogates as three bytes each (WTF-8), so that every JSON
 * string comes back exactly. Bytes that are neither become U+FFFD.
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeWithSurrogates(bytes);
  }
}

/** Writes one code point, a lone surrogate included, at `at`; returns where the next one goes. */
export function writeCodePoint(bytes: Uint8Array, at: number, code: number): number {
  let next = at;
  if (code < 0x80) {
    bytes[next++] = code;
  } else if (code < 0x800) {
    bytes[next++] = 0xc0 | (code >> 6);
    bytes[next++] = 0x80 | (code & 0x3f);
  } else if (code < 0x10000) {
    bytes[next++] = 0xe0 | (code >> 12);
    bytes[next++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[next++] = 0x80 | (code & 0x3f);
  } else {
    bytes[next++] = 0xf0 | (code >> 18);
    bytes[next++] = 0x80 | ((code >> 12) & 0x3f);
    bytes[next++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[next++] = 0x80 | (code & 0x3f);
  }
  return next;
}

/** Length of the well-formed UTF-8 sequence at `at`; 0 when there is none before `end` (Unicode, table 3-7). */
export function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end) return 0;
  const second = bytes[at + 1]!;
  if (second >> 6 !== 2) return 0;
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0;
  for (let i = at + 2; i < at + length; i++) if (bytes[i]! >> 6 !== 2) return 0;
  return length;
}

function decodeWithSurrogates(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  let at = 0;
  const flush = () => {
    if (at > from) text += strict.decode(bytes.subarray(from, at));
  };
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at, bytes.length);
    if (length > 0) {
      at += length;
      continue;
    }
    flush();
    const isSurrogate =
      bytes[at] === 0xed && bytes[at + 1]! >= 0xa0 && bytes[at + 1]! < 0xc0 && bytes[at + 2]! >> 6 === 2;
    text += isSurrogate
      ? String.fromCharCode(0xd000 | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f))
      : '\ufffd';
    at += isSurrogate ? 3 : 1;
    from = at;
  }
  flush();
  return text;
}
