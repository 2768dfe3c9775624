/** What a request asks for, of a file of `size` bytes: all of it, [start, end), or nothing that is there. */
export type Wanted = 'all' | 'none' | { readonly start: number; readonly end: number };

/** The Range header (RFC 9110, 14.2): one range of bytes. Several, or another unit, may be answered with everything. */
export function readRange(header: string | undefined, size: number): Wanted {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'all';
  const [first, last] = [Number(match[1]), Number(match[2])];
  // `-5`: the last five.
  if (match[1] === '') return last === 0 || size === 0 ? 'none' : { start: Math.max(0, size - last), end: size };
  if (first >= size) return 'none';
  if (match[2] === '') return { start: first, end: size };
  return last < first ? 'all' : { start: first, end: Math.min(size, last + 1) };
}
