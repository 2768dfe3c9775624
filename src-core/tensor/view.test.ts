import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import type { ByteSource } from '../bytes/source.ts';
import { contiguousStrides, type StoredBytes, type TensorLayout } from './layout.ts';
import { formatSlice, parseSlice, type Slice, type SliceItem, wholeSlice } from './slice.ts';
import { readSlice } from './view.ts';

const GAP = 64 * 1024;

/** A file whose i-th byte is known, that writes down what is read of it. */
function recorded(size: number, byte: (at: number) => number) {
  const reads: [number, number][] = [];
  const make = (start: number, end: number) => Uint8Array.from({ length: end - start }, (_, i) => byte(start + i));
  const source: ByteSource = {
    name: 'x.bin',
    size,
    handle: { kind: 'buffer', bytes: new Uint8Array(0), name: 'x.bin' },
    async read(start, end) {
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(size);
      reads.push([start, end]);
      return make(start, end);
    },
  };
  return { source, reads, files: new Map([['x.bin', source]]) };
}

const stored = (byteLength: number, offset = 0, endian: 'little' | 'big' = 'little'): StoredBytes => ({
  byteLength,
  endian,
  data: { kind: 'slices', slices: [{ file: 'x.bin', offset, length: byteLength }] },
});

/** Positions in the storage, element by element, from the definition of strides alone. */
function naivePositions(layout: TensorLayout, slice: Slice): number[] {
  const strides = layout.strides ?? contiguousStrides(layout.shape);
  let found = [layout.offset];
  slice.forEach((item, axis) => {
    const at =
      item.kind === 'index' ? [item.at] : Array.from({ length: item.count }, (_, i) => item.start + i * item.step);
    found = found.flatMap((base) => at.map((index) => base + index * strides[axis]!));
  });
  return found;
}

const anySlice = (shape: readonly number[]): fc.Arbitrary<Slice> =>
  fc.tuple(
    ...shape.map((dim): fc.Arbitrary<SliceItem> => {
      const range = fc
        .tuple(
          fc.nat(Math.max(0, dim - 1)),
          fc.integer({ min: -4, max: 4 }),
          fc.double({ min: 0, max: 1, noNaN: true }),
        )
        .map(([start, rawStep, part]): SliceItem => {
          const step = rawStep === 0 ? 1 : rawStep;
          const most = dim === 0 ? 0 : 1 + Math.floor((step > 0 ? dim - 1 - start : start) / Math.abs(step));
          const count = Math.round(part * most);
          return count < 2
            ? { kind: 'range', start: count === 0 ? 0 : start, count, step: 1 }
            : { kind: 'range', start, count, step };
        });
      return dim === 0
        ? range
        : fc.oneof(
            range,
            fc.nat(dim - 1).map((at): SliceItem => ({ kind: 'index', at })),
          );
    }),
  );

const anyView = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: -40, max: 40 })), { maxLength: 4 })
  .chain((dims) => {
    const shape = dims.map(([dim]) => dim);
    const strides = dims.map(([, stride]) => stride);
    const low = dims.reduce((sum, [dim, stride]) => sum + Math.min(0, stride * Math.max(0, dim - 1)), 0);
    return fc.record({
      shape: fc.constant(shape),
      strides: fc.oneof(fc.constant(strides), fc.constant(undefined)),
      offset: fc.nat(20).map((more) => more - low),
      slice: anySlice(shape),
    });
  });

describe('slices of any view', () => {
  it('hold what a walk over every element finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyView,
        fc.constantFrom('u8', 'u16', 'i32', 'u4'),
        async ({ shape, strides, offset, slice }, dtype) => {
          const layout: TensorLayout = { dtype: dtype as 'u8', shape, offset, ...(strides && { strides }) };
          const { files, reads } = recorded(4000, (at) => (at * 37 + (at >> 3)) & 0xff);
          const bytes = await files.get('x.bin')!.read(0, 4000);
          reads.length = 0;
          const view = new DataView(bytes.buffer);
          const valueAt = (position: number): number => {
            if (dtype === 'u8') return bytes[position + 8]!;
            if (dtype === 'u16') return view.getUint16(8 + position * 2, true);
            if (dtype === 'i32') return view.getInt32(8 + position * 4, true);
            return position % 2 === 0 ? bytes[8 + position / 2]! & 15 : bytes[8 + (position - 1) / 2]! >> 4;
          };
          const positions = naivePositions(layout, slice);
          const got = await readSlice(layout, stored(3992, 8), files, slice);
          expect([...got.values]).toEqual(positions.map(valueAt));
          expect(got.shape).toEqual(slice.flatMap((item) => (item.kind === 'range' ? [item.count] : [])));
          if (positions.length === 0) expect(reads).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('read the touched bytes and what lies in small gaps between them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(
          fc.integer({ min: 1, max: 30 }),
          fc.integer({ min: 1, max: 3000 }),
          fc.integer({ min: 1, max: 400_000 }),
        ),
        fc.boolean(),
        async ([rows, columns, more], backwards) => {
          const stride = columns + more;
          const layout: TensorLayout = { dtype: 'u8', shape: [rows, columns], strides: [stride, 1], offset: 5 };
          const slice = backwards ? parseSlice('::-1, ::-1', layout.shape) : wholeSlice(layout.shape);
          const { files, reads } = recorded(rows * stride + 5, (at) => at % 251);
          const got = await readSlice(layout, stored(rows * stride + 5), files, slice);
          const first = backwards ? 5 + (rows - 1) * stride + columns - 1 : 5;
          expect(got.values[0]).toBe(first % 251);
          const total = reads.reduce((sum, [start, end]) => sum + end - start, 0);
          const touched = rows * columns;
          const gaps = more <= GAP ? (rows - 1) * more : 0;
          expect(total).toBeLessThanOrEqual(touched + gaps);
          if (more > GAP) expect(reads).toHaveLength(rows);
          expect(Math.max(...reads.map(([start, end]) => end - start))).toBeLessThanOrEqual(4 * 2 ** 20);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of one column of a far-strided matrix are read row by row', async () => {
    const layout: TensorLayout = { dtype: 'f32', shape: [50, 100_000], offset: 0 };
    const { files, reads } = recorded(50 * 400_000, () => 0);
    const got = await readSlice(layout, stored(50 * 400_000), files, parseSlice(':, 7', layout.shape));
    expect(got.shape).toEqual([50]);
    expect(reads.sort((a, b) => a[0] - b[0])).toEqual(
      Array.from({ length: 50 }, (_, i) => [i * 400_000 + 28, i * 400_000 + 32]),
    );
  });

  it('that broadcast one element read it once', async () => {
    const layout: TensorLayout = { dtype: 'u8', shape: [1000, 1000], strides: [0, 0], offset: 3 };
    const { files, reads } = recorded(10, (at) => at);
    const got = await readSlice(layout, stored(10), files, wholeSlice(layout.shape));
    expect(got.values).toHaveLength(1e6);
    expect([...got.values].every((value) => value === 3)).toBe(true);
    expect(reads).toEqual([[3, 4]]);
  });
});

describe('storages', () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
  const files = new Map([
    ['a', bufferSource(bytes.slice(0, 40), 'a')],
    ['b', bufferSource(bytes.slice(40), 'b')],
  ]);
  const layout: TensorLayout = { dtype: 'u8', shape: [48], offset: 4 };
  const read = (data: StoredBytes['data'], tensor = layout, byteLength = 52, text = '') =>
    readSlice(tensor, { byteLength, endian: 'little', data }, files, parseSlice(text, tensor.shape), {
      name: 'w',
      format: 'test',
    });

  it('in pieces of several files are one run of bytes', async () => {
    const slices = [
      { file: 'a', offset: 10, length: 30 },
      { file: 'b', offset: 0, length: 2 },
      { file: 'a', offset: 0, length: 10 },
      { file: 'b', offset: 4, length: 10 },
    ];
    const whole = [...bytes.slice(10, 42), ...bytes.slice(0, 10), ...bytes.slice(44, 54)];
    expect([...(await read({ kind: 'slices', slices })).values]).toEqual(whole.slice(4, 52));
    expect([...(await read({ kind: 'slices', slices }, layout, 52, '26:31')).values]).toEqual(whole.slice(30, 35));
  });

  it('inside the document need no file', async () => {
    expect([...(await read({ kind: 'inline', bytes: bytes.slice(0, 52) })).values]).toEqual([...bytes.slice(4, 52)]);
  });

  it('that are not here say why', async () => {
    const absent = read({ kind: 'absent', why: 'shard x.safetensors is not open' });
    await expect(absent).rejects.toMatchObject({
      info: { kind: 'not-found', what: 'w', detail: 'shard x.safetensors is not open' },
    });
    await expect(read({ kind: 'slices', slices: [{ file: 'c', offset: 0, length: 52 }] })).rejects.toThrow(
      'c is not open',
    );
    await expect(readSlice(layout, undefined, files, wholeSlice([48]))).rejects.toMatchObject({
      info: { kind: 'not-found' },
    });
  });

  it('that are too short give the values they have', async () => {
    const data = { kind: 'slices', slices: [{ file: 'a', offset: 0, length: 40 }] } as const;
    expect([...(await read(data, layout, 40, ':36')).values]).toEqual([...bytes.slice(4, 40)]);
    await expect(read(data, layout, 40, ':37')).rejects.toMatchObject({ info: { kind: 'malformed', file: 'w' } });
    // The file itself is shorter than what it declares.
    const cut = { kind: 'slices', slices: [{ file: 'a', offset: 20, length: 52 }] } as const;
    expect([...(await read(cut, layout, 52, ':16')).values]).toEqual([...bytes.slice(24, 40)]);
    await expect(read(cut, layout, 52, '10:17')).rejects.toMatchObject({
      info: { kind: 'malformed', file: 'a', at: 40 },
    });
  });

  it('are never read before their beginning', async () => {
    const backwards: TensorLayout = { dtype: 'u8', shape: [5], strides: [-1], offset: 3 };
    const data = { kind: 'inline', bytes } as const;
    expect([...(await read(data, backwards, 64, ':4')).values]).toEqual([3, 2, 1, 0]);
    await expect(read(data, backwards, 64)).rejects.toMatchObject({ info: { kind: 'malformed' } });
  });

  it('are not read for more values than can be held', async () => {
    const broad: TensorLayout = { dtype: 'u8', shape: [1e6, 1e6], strides: [0, 0], offset: 0 };
    await expect(read({ kind: 'inline', bytes }, broad, 64)).rejects.toMatchObject({
      info: { kind: 'limit', limit: 'sliceBytes' },
    });
    await expect(read({ kind: 'inline', bytes }, { ...broad, dtype: 'other:F9' }, 64, '0,0')).rejects.toMatchObject({
      info: { kind: 'unsupported' },
    });
  });

  it('stop being read when nobody waits', async () => {
    const stop = new AbortController();
    const big: TensorLayout = { dtype: 'u8', shape: [64, 300_000], offset: 0 };
    const { source } = recorded(64 * 300_000, () => 1);
    let reads = 0;
    const slow: ByteSource = {
      ...source,
      async read(start, end) {
        if (++reads === 2) stop.abort();
        return new Uint8Array(end - start);
      },
    };
    const part = parseSlice(':, :4', big.shape);
    const waiting = readSlice(big, stored(64 * 300_000), new Map([['x.bin', slow]]), part, { signal: stop.signal });
    await expect(waiting).rejects.toMatchObject({ info: { kind: 'cancelled' } });
    expect(reads).toBeLessThan(10);
  });
});

it('refuses a slice of another shape', async () => {
  const layout: TensorLayout = { dtype: 'u8', shape: [2, 3], offset: 0 };
  const data: StoredBytes = { byteLength: 6, endian: 'little', data: { kind: 'inline', bytes: new Uint8Array(6) } };
  for (const slice of [
    wholeSlice([2]),
    wholeSlice([3, 3]),
    [
      { kind: 'index', at: 2 },
      { kind: 'index', at: 0 },
    ] as const,
  ])
    await expect(readSlice(layout, data, new Map(), slice)).rejects.toMatchObject({ info: { kind: 'bad-input' } });
});

it('any slice is written so that it is read again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(6), { maxLength: 4 }).chain((shape) => fc.tuple(fc.constant(shape), anySlice(shape))),
      ([shape, slice]) => {
        const empty = (item: SliceItem): SliceItem =>
          item.kind === 'range' && item.count === 0 ? { ...item, start: 0 } : item;
        expect(parseSlice(formatSlice(slice, shape), shape)).toEqual(slice.map(empty));
      },
    ),
  );
});
