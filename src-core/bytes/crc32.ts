/** The check sum of zip members: CRC-32 of ISO 3309, eight bytes at a time (Kounavis and Berry's slicing). */

const WAYS = 8;
let tables: Uint32Array | undefined;

/** Row `k` is what a byte does that is followed by `k` zero bytes. */
function makeTables(): Uint32Array {
  const made = new Uint32Array(WAYS * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    made[byte] = crc;
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256]!;
    made[at] = (before >>> 8) ^ made[before & 0xff]!;
  }
  return made;
}

/** Of bytes that follow those with the check sum `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  tables ??= makeTables();
  const t = tables;
  let crc = ~before;
  let at = 0;
  for (const whole = bytes.length - (bytes.length % WAYS); at < whole; at += WAYS) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      t[0x700 | (crc & 0xff)]! ^
      t[0x600 | ((crc >>> 8) & 0xff)]! ^
      t[0x500 | ((crc >>> 16) & 0xff)]! ^
      t[0x400 | (crc >>> 24)]! ^
      t[0x300 | bytes[at + 4]!]! ^
      t[0x200 | bytes[at + 5]!]! ^
      t[0x100 | bytes[at + 6]!]! ^
      t[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
