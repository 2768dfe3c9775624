/** The first bytes of a MessagePack value: what it is, and how much follows (`spec.md`). */
import type { Cursor } from '../../bytes/cursor.ts';
import type { PackedNode, Placed } from './nodes.ts';

/** The longest one: a type and a 64-bit number. */
export const HEADER_BYTES = 9;

type Scalar = Extract<PackedNode, { kind: 'nil' | 'bool' | 'int' | 'float' }>;
type Bare<T> = T extends Scalar ? Omit<T, keyof Placed> : never;

interface Sized {
  /** Bytes of the header. */
  readonly length: number;
}

export interface ContainerHeader extends Sized {
  readonly kind: 'map' | 'array';
  readonly count: number;
}

export type LeafHeader = Sized &
  (
    | { readonly kind: 'scalar'; readonly node: Bare<Scalar> }
    | { readonly kind: 'text'; readonly payload: number }
    | { readonly kind: 'bin'; readonly payload: number }
    | { readonly kind: 'ext'; readonly code: number; readonly payload: number }
  );

export type Header = ContainerHeader | LeafHeader;

type Unsized<T> = T extends Sized ? Omit<T, keyof Sized> : never;
type Found = Unsized<Header>;

/**
 * The header at `start` of a file of `size` bytes.
 *
 * @throws `malformed` for a byte that means nothing, and for more items than bytes are left.
 */
export function readHeader(cursor: Cursor, start: number, size: number): Header {
  const begin = cursor.at;
  const found = readFound(cursor, begin);
  const header = { ...found, length: cursor.at - begin } as Header;
  if (header.kind === 'map' || header.kind === 'array') {
    const least = header.kind === 'map' ? 2 * header.count : header.count;
    const left = size - start - header.length;
    const what = header.kind === 'map' ? 'a map' : 'an array';
    if (least > left) throw cursor.fail(`${what} of ${header.count} items in ${left} bytes`, begin);
  }
  return header;
}

function readFound(cursor: Cursor, begin: number): Found {
  const first = cursor.u8();
  if (first < 0x80) return int(first);
  if (first < 0x90) return { kind: 'map', count: first & 0x0f };
  if (first < 0xa0) return { kind: 'array', count: first & 0x0f };
  if (first < 0xc0) return { kind: 'text', payload: first & 0x1f };
  if (first >= 0xe0) return int(first - 0x100);
  switch (first) {
    case 0xc0:
      return { kind: 'scalar', node: { kind: 'nil' } };
    case 0xc2:
    case 0xc3:
      return { kind: 'scalar', node: { kind: 'bool', value: first === 0xc3 } };
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return { kind: 'bin', payload: sized(cursor, first - 0xc4) };
    case 0xc7:
    case 0xc8:
    case 0xc9: {
      const payload = sized(cursor, first - 0xc7);
      return { kind: 'ext', payload, code: signed(cursor.u8()) };
    }
    case 0xca:
      return { kind: 'scalar', node: { kind: 'float', value: new DataView(copy(cursor, 4)).getFloat32(0) } };
    case 0xcb:
      return { kind: 'scalar', node: { kind: 'float', value: cursor.f64be() } };
    case 0xcc:
    case 0xcd:
    case 0xce:
      return int(sized(cursor, first - 0xcc));
    case 0xcf:
      return int(new DataView(copy(cursor, 8)).getBigUint64(0));
    case 0xd0:
      return int(signed(cursor.u8()));
    case 0xd1:
      return int(new DataView(copy(cursor, 2)).getInt16(0));
    case 0xd2:
      return int(new DataView(copy(cursor, 4)).getInt32(0));
    case 0xd3:
      return int(new DataView(copy(cursor, 8)).getBigInt64(0));
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return { kind: 'ext', code: signed(cursor.u8()), payload: 2 ** (first - 0xd4) };
    case 0xd9:
    case 0xda:
    case 0xdb:
      return { kind: 'text', payload: sized(cursor, first - 0xd9) };
    case 0xdc:
    case 0xdd:
      return { kind: 'array', count: sized(cursor, first - 0xdb) };
    case 0xde:
    case 0xdf:
      return { kind: 'map', count: sized(cursor, first - 0xdd) };
    default:
      throw cursor.fail('a byte (0xc1) that no MessagePack value begins with', begin);
  }
}

const int = (value: number | bigint): Found => ({ kind: 'scalar', node: { kind: 'int', digits: value.toString() } });

/** A number of 1, 2 or 4 bytes. */
const sized = (cursor: Cursor, power: number): number =>
  power === 0 ? cursor.u8() : power === 1 ? cursor.u16be() : cursor.u32be();

const signed = (byte: number): number => (byte < 0x80 ? byte : byte - 0x100);
const copy = (cursor: Cursor, length: number): ArrayBuffer => cursor.take(length).slice().buffer;
