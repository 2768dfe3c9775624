import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import { bufferSource } from './buffer.ts';
import type { ByteSource } from './source.ts';
import { openZip, type ZipMember } from './zip.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/pytorch');
const load = (name: string) => new Uint8Array(readFileSync(join(FIXTURES, name)));
const zips = readdirSync(FIXTURES, { withFileTypes: true })
  .filter((file) => file.isFile() && !file.name.endsWith('.json') && load(file.name)[0] === 0x50)
  .map((file) => file.name);

/** What the local header itself says, byte by byte. */
function dataStart(bytes: Uint8Array, { local }: ZipMember): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  expect(view.getUint32(local, true)).toBe(0x04034b50);
  return local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
}

describe.each(zips)('%s', (name) => {
  const bytes = load(name);

  it('finds every member where its local header says', async () => {
    const zip = await openZip(bufferSource(bytes, name));
    expect(zip.members.length).toBeGreaterThan(2);
    expect(zip.problems).toEqual([]);
    expect(await zip.locate(zip.members)).toEqual(zip.members.map((member) => dataStart(bytes, member)));
  });

  it('reads its version', async () => {
    const zip = await openZip(bufferSource(bytes, name));
    const member = zip.members.find((m) => m.name.endsWith('/version'))!;
    expect(new TextDecoder().decode(await zip.read(member))).toMatch(/^\d+\n$/);
  });

  it('still finds everything behind other data', async () => {
    const shifted = new Uint8Array(bytes.length + 1000);
    shifted.set(bytes, 1000);
    const zip = await openZip(bufferSource(shifted, name));
    expect(zip.problems).toMatchObject([{ code: 'prepended-data' }]);
    expect(await zip.locate(zip.members)).toEqual(zip.members.map((member) => dataStart(shifted, member)));
  });
});

interface Made {
  readonly name: string;
  readonly size: number;
  /** Length of the extra field in the local header. */
  readonly extra: (local: number) => number;
  readonly streamed?: boolean;
  /** Bytes after the data that nothing speaks of. */
  readonly gap?: number;
}

/** An archive whose members are holes: only headers take memory, so it may be as large as it likes. */
function makeZip(members: readonly Made[]): { source: ByteSource; starts: number[]; log: number[] } {
  const chunks: { at: number; bytes: Uint8Array }[] = [];
  const central: number[] = [];
  const starts: number[] = [];
  const le = (value: number, bytes: number) =>
    Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);
  let at = 0;
  for (const { name, size, extra, streamed = false, gap = 0 } of members) {
    const local = at;
    const text = [...new TextEncoder().encode(name)];
    const length = extra(local);
    const flags = streamed ? 0x808 : 0x800;
    const header = [
      ...le(0x04034b50, 4),
      ...le(0, 2),
      ...le(flags, 2),
      ...le(0, 18),
      ...le(text.length, 2),
      ...le(length, 2),
      ...text,
    ];
    chunks.push({ at, bytes: Uint8Array.from(header) });
    starts.push(local + header.length + length);
    const wide = size >= 0xffffffff || local >= 0xffffffff;
    const fields = wide ? [...le(1, 2), ...le(24, 2), ...le(size, 8), ...le(size, 8), ...le(local, 8)] : [];
    const short = (value: number) => (wide ? le(0xffffffff, 4) : le(value, 4));
    central.push(...le(0x02014b50, 4), ...le(0, 4), ...le(flags, 2), ...le(0, 10), ...short(size), ...short(size));
    central.push(...le(text.length, 2), ...le(fields.length, 2), ...le(0, 10), ...short(local), ...text, ...fields);
    const descriptor = streamed && size > 0 ? (wide ? 24 : 16) : 0;
    at = starts.at(-1)! + size + descriptor + gap;
  }
  const end64 = at + central.length;
  const tail = [
    ...central,
    ...[...le(0x06064b50, 4), ...le(44, 8), ...le(0, 12), ...le(members.length, 8), ...le(members.length, 8)],
    ...[...le(central.length, 8), ...le(at, 8)],
    ...[...le(0x07064b50, 4), ...le(0, 4), ...le(end64, 8), ...le(1, 4)],
    ...[
      ...le(0x06054b50, 4),
      ...le(0, 4),
      ...le(0xffff, 2),
      ...le(0xffff, 2),
      ...le(0xffffffff, 4),
      ...le(0xffffffff, 4),
      ...le(0, 2),
    ],
  ];
  chunks.push({ at, bytes: Uint8Array.from(tail) });
  const size = at + tail.length;
  const log: number[] = [];
  const source: ByteSource = {
    name: 'made.zip',
    size,
    handle: { kind: 'path', path: '', name: '' },
    async read(start, stop) {
      expect(start >= 0 && stop <= size).toBe(true);
      log.push(stop - start);
      const out = new Uint8Array(stop - start);
      for (const { at: from, bytes } of chunks) {
        if (from >= stop || from + bytes.length <= start) continue;
        const skip = Math.max(0, start - from);
        out.set(bytes.subarray(skip, Math.min(bytes.length, stop - from)), Math.max(0, from - start));
      }
      return out;
    },
  };
  return { source, starts, log };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
/** torch's padding: four bytes of extra header and filler up to 64, more header where zip64 is needed. */
const torchExtra =
  (name: string, size: number, alignment = 64) =>
  (local: number): number => {
    const isFar = local >= 0xffffffff;
    const isLong = size >= 0xffffffff;
    const start = local + 34 + name.length + (isFar || isLong ? 4 + (isLong ? 16 : 0) + (isFar ? 8 : 0) : 0);
    return Math.ceil(start / alignment) * alignment - local - 30 - name.length;
  };
const torchMember = (i: number, size: number, alignment?: number): Made => ({
  name: `m/data/${i}`,
  size,
  streamed: true,
  extra: torchExtra(`m/data/${i}`, size, alignment),
});

describe('places without reading every header', () => {
  it('opens six gigabytes of torch storages with few reads', async () => {
    const { source, starts, log } = makeZip(Array.from({ length: 1200 }, (_, i) => torchMember(i, 5_000_003 + i)));
    const zip = await openZip(source);
    expect(await zip.locate(zip.members)).toEqual(starts);
    expect(source.size).toBeGreaterThan(5e9);
    expect(log.length).toBeLessThanOrEqual(7);
    expect(sum(log)).toBeLessThan(300_000);
  });

  it('handles one storage of more than four gigabytes and empty ones between', async () => {
    const sizes = [0, 5e9, 0, 7, 0];
    const { source, starts } = makeZip(sizes.map((size, i) => torchMember(i, size)));
    const zip = await openZip(source);
    expect(await zip.locate(zip.members)).toEqual(starts);
    expect(zip.members.map((m) => m.size)).toEqual(sizes);
  });

  it('takes the alignment a file declares', async () => {
    const { source, starts, log } = makeZip(Array.from({ length: 300 }, (_, i) => torchMember(i, 1_000_001, 4096)));
    const zip = await openZip(source);
    expect(await zip.locate(zip.members, { alignment: 4096 })).toEqual(starts);
    expect(log.length).toBeLessThanOrEqual(7);
  });

  it('derives repacked members, and numpy’s with room for zip64', async () => {
    const extras = [0, 20];
    for (const extra of extras) {
      const { source, starts, log } = makeZip(
        Array.from({ length: 300 }, (_, i) => ({ name: `a${i}`, size: 1e6, extra: () => extra })),
      );
      const zip = await openZip(source);
      expect(await zip.locate(zip.members)).toEqual(starts);
      expect(log.length).toBeLessThanOrEqual(7);
    }
  });

  it('reads the headers where the rule does not hold for all', async () => {
    // A writer of its own kind: another length each time.
    const odd = makeZip(
      Array.from({ length: 300 }, (_, i) => ({ name: `a${i}`, size: 1e6, extra: () => 4 + (i % 7) })),
    );
    const zip = await openZip(odd.source);
    expect(await zip.locate(zip.members)).toEqual(odd.starts);
    // A hole after every member looks like room for zip64: the samples tell.
    const holes = makeZip(
      Array.from({ length: 300 }, (_, i) => ({ name: `a${i}`, size: 1e6, extra: () => 0, gap: 20 })),
    );
    const other = await openZip(holes.source);
    expect(await other.locate(other.members)).toEqual(holes.starts);
  });
});

describe('what is no good archive', () => {
  const whole = load('tiny.pt');
  const kindOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
    try {
      const zip = await openZip(bufferSource(bytes, 'x'));
      for (const member of zip.members) await zip.read(member);
      return zip.problems.map((problem) => problem.code).join() || 'fine';
    } catch (error) {
      if (!(error instanceof StateglassError)) throw error;
      return error.info.kind;
    }
  };
  const patched = (at: number, ...values: number[]) => {
    const bytes = whole.slice();
    bytes.set(values, at < 0 ? bytes.length + at : at);
    return bytes;
  };
  const central = (): number => new DataView(whole.buffer, whole.byteOffset).getUint32(whole.length - 6, true);

  it('is fine as it is', async () => expect(await kindOf(whole)).toBe('fine'));
  it('is malformed when cut anywhere', async () => {
    for (let cut = 0; cut < whole.length; cut += 7) expect(await kindOf(whole.slice(0, cut))).toBe('malformed');
  });
  it('refuses encrypted members and unknown methods', async () => {
    expect(await kindOf(patched(central() + 8, 0x09))).toBe('unsupported');
    expect(await kindOf(patched(central() + 10, 12))).toBe('unsupported');
  });
  it('refuses a local header that is another', async () => expect(await kindOf(patched(0, 1))).toBe('malformed'));
  it('says that two members overlap', async () => {
    const second = whole.indexOf(0x50, central() + 46);
    expect(await kindOf(patched(second + 42, 1, 0, 0, 0))).toMatch(/overlap|malformed/);
  });
  it('finds the end behind a comment', async () => {
    const bytes = new Uint8Array(whole.length + 5);
    bytes.set(whole);
    bytes[whole.length - 2] = 5;
    expect(await kindOf(bytes)).toBe('fine');
    expect(await kindOf(bytes.slice(0, -1))).toBe('malformed');
  });
});
