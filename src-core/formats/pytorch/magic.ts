/** First bytes of the files torch writes and wrote. */

/** 0x1950a86a20f9469cfc6c, the first pickle of a legacy file. */
export const MAGIC_NUMBER = '119547037146038801333356';
const MAGIC_BYTES = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const TAR_MAGIC_AT = 257;

export type Kind = 'zip' | 'legacy' | 'tar' | 'preview' | 'other';

/** `head` is the beginning of the file, 512 bytes or more where there are so many. */
export function kindOf(head: Uint8Array): Kind {
  const text = (from: number, to: number) => String.fromCharCode(...head.subarray(from, to));
  if (text(0, 4) === 'PK\x03\x04') return 'zip';
  if (text(0, 8) === 'PYTORCH1') return 'preview';
  // In every protocol the number stands in the first bytes: after PROTO (and FRAME), or as decimal text in protocol 0.
  for (let at = 0; at <= 16; at++) if (MAGIC_BYTES.every((byte, i) => head[at + i] === byte)) return 'legacy';
  if (text(0, 32).includes(`L${MAGIC_NUMBER}`)) return 'legacy';
  if (text(TAR_MAGIC_AT, TAR_MAGIC_AT + 5) === 'ustar') return 'tar';
  return 'other';
}

/** Members of the tar files of torch before 0.1.10; `sys_info` is the first that is written. */
export const isTorchTar = (head: Uint8Array): boolean =>
  /^(\.\/)?(sys_info|pickle|storages|tensors)\0/.test(String.fromCharCode(...head.subarray(0, 100)));
