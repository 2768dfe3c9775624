/** Packed varints of Protocol Buffers as little-endian numbers of a fixed width. */

export interface VarintRange {
  /** Numbers that are passed over; negative: so many are there already. */
  readonly skip: number;
  /** Numbers gone through at most, those passed over included. */
  readonly count: number;
}

/**
 * Puts the lowest `width` bytes of each number into `into`: number `skip` comes first. Stops at the end of the bytes, and before a
 * number that is broken off or of more than ten bytes.
 */
export function readVarints(
  bytes: Uint8Array,
  width: number,
  into: Uint8Array,
  { skip, count }: VarintRange,
): { readonly bytes: number; readonly count: number } {
  let done = 0;
  let start = 0;
  while (done < count && start < bytes.length) {
    let [low, high, at, shift] = [0, 0, start, 0];
    let byte = 0x80;
    while (byte >= 0x80 && at < bytes.length && shift < 70) {
      byte = bytes[at++] as number;
      const part = byte & 0x7f;
      // 28 bits fit both halves' arithmetic; the fifth group straddles them.
      if (shift < 28) low |= part << shift;
      else if (shift === 28) {
        low |= part << 28;
        high |= part >> 4;
      } else if (shift < 63) high |= part << (shift - 32);
      else high |= part << 31;
      shift += 7;
    }
    if (byte >= 0x80) break;
    const place = (done - skip) * width;
    if (place >= 0 && place < into.length) {
      for (let i = 0; i < width; i++) into[place + i] = i < 4 ? low >>> (8 * i) : high >>> (8 * (i - 4));
    }
    done++;
    start = at;
  }
  return { bytes: start, count: done };
}

/** Writes one number. */
export function appendVarint(to: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    to.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  to.push(rest);
}
