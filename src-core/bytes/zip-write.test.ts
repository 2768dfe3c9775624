import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';
import type { ByteSource } from './source.ts';
import { openZip } from './zip.ts';
import { directoryBytes, encodeDirectory, encodeLocal, localBytes, type NewMember } from './zip-write.ts';

/** Bytes here and there of a file of any size. */
function sparseSource(size: number, pieces: readonly (readonly [number, Uint8Array])[]): ByteSource {
  return {
    name: 'sparse.zip',
    size,
    handle: { kind: 'path', path: '', name: '' },
    async read(start, end) {
      const out = new Uint8Array(end - start);
      for (const [at, bytes] of pieces) {
        const [from, to] = [Math.max(start, at), Math.min(end, at + bytes.length)];
        if (from < to) out.set(bytes.subarray(from - at, to - at), from - start);
      }
      return out;
    },
  };
}

async function roundTrip(sizes: readonly number[]) {
  let at = 0;
  const members: NewMember[] = [];
  const pieces: [number, Uint8Array][] = [];
  sizes.forEach((size, i) => {
    const member = { name: new TextEncoder().encode(`é${i}`), size, crc: i, local: at };
    const local = encodeLocal(member);
    expect(local.length).toBe(localBytes(member));
    members.push(member);
    pieces.push([at, local]);
    at += local.length + size;
  });
  const directory = encodeDirectory(members, at);
  expect(directory.length).toBe(directoryBytes(members, at));
  pieces.push([at, directory]);
  const zip = await openZip(sparseSource(at + directory.length, pieces));
  expect(zip.problems).toEqual([]);
  const places = await zip.locate(zip.members.slice(0, 10));
  return { zip, members, places };
}

test.each([
  ['small', [0, 5, 70_000]],
  ['past 4 GiB in one member', [3, 2 ** 32 + 5, 7]],
  ['exactly at the limit', [2 ** 32 - 1, 1]],
  ['past 4 GiB all together', [2 ** 31, 2 ** 31, 2 ** 31, 9]],
  ['too many for 16 bits', new Array<number>(65_535).fill(1)],
])('%s', async (_, sizes) => {
  const { zip, members, places } = await roundTrip(sizes);
  expect(zip.members.map(({ name, size, local }) => ({ name, size, local }))).toEqual(
    members.map(({ name, size, local }) => ({ name: new TextDecoder().decode(name), size, local })),
  );
  expect(places).toEqual(members.slice(0, 10).map((member) => member.local + localBytes(member)));
});

test('the check sum is the one everybody uses, in one go or in pieces', () => {
  const check = new TextEncoder().encode('123456789');
  expect(crc32(check)).toBe(0xcbf43926);
  const long = Uint8Array.from({ length: 1003 }, (_, i) => (i * i) >> 3);
  for (const cut of [0, 1, 7, 8, 9, 500, 1003])
    expect(crc32(long.subarray(cut), crc32(long.subarray(0, cut)))).toBe(crc32(long));
});
