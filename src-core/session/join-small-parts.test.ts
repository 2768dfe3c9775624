import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Part } from '../formats/format.ts';
import { type JoinedPart, joinSmallParts } from './join-small-parts.ts';
import { memorySink } from './memory-sink.fixture.ts';
import { type CarriedPlan, writePlan } from './write-plan.ts';

const FILE = Uint8Array.from({ length: 200_000 }, (_, i) => i ^ (i >> 8));

const bytes = fc.uint8Array({ maxLength: 40 }).map((array): Part => ({ kind: 'bytes', bytes: new Uint8Array(array) }));
const copy = fc
  .record({ file: fc.constantFrom('a', 'b'), offset: fc.nat(150_000), length: fc.oneof(fc.nat(100), fc.nat(40_000)) })
  .map((range): Part => ({ kind: 'copy', ...range }));
const late = fc.nat(20).map((length): Part => ({ kind: 'late', length, make: () => new Uint8Array(length).fill(7) }));
/** Copies that follow one another in one file, as those of an archive do. */
const run = fc.array(fc.tuple(fc.nat(60), fc.nat(300)), { maxLength: 30 }).map((steps): Part[] => {
  let at = 0;
  return steps.flatMap(([gap, length]): Part[] => {
    const offset = at + gap;
    at = offset + length;
    return [
      { kind: 'bytes', bytes: new Uint8Array(gap).fill(1) },
      { kind: 'copy', file: 'a', offset, length },
    ];
  });
});
const lists = fc
  .array(
    fc.oneof(
      bytes.map((part) => [part]),
      copy.map((part) => [part]),
      late.map((part) => [part]),
      run,
    ),
    { maxLength: 12 },
  )
  .map((groups) => groups.flat());

test('joined parts are the same parts in the same order', () => {
  fc.assert(
    fc.property(lists, (parts) => {
      const joined = [...joinSmallParts(parts)];
      expect(joined.flatMap((part) => (part.kind === 'joined' ? part.pieces : part))).toEqual(parts);
      for (const part of joined.filter((one): one is JoinedPart => one.kind === 'joined')) {
        const copies = part.pieces.filter((piece) => piece.kind === 'copy');
        expect(part.span === undefined).toBe(copies.length === 0);
        for (const { file, offset, length } of copies) {
          expect(file).toBe(part.span?.file);
          expect(offset).toBeGreaterThanOrEqual(part.span?.start as number);
          expect(offset + length).toBeLessThanOrEqual(part.span?.end as number);
        }
      }
    }),
  );
});

test('what is written of them is what each would have written', async () => {
  await fc.assert(
    fc.asyncProperty(lists, async (parts) => {
      const wanted = parts.flatMap((part) => {
        if (part.kind === 'bytes') return [...part.bytes];
        if (part.kind === 'late') return [...part.make()];
        return part.kind === 'copy' ? [...FILE.subarray(part.offset, part.offset + part.length)] : [];
      });
      const { sink } = await write(parts);
      expect([...sink.bytes()]).toEqual(wanted);
    }),
    { numRuns: 50 },
  );
});

test('ten thousand tiny copies are a few reads', async () => {
  const parts = Array.from({ length: 10_000 }, (_, i): Part[] => [
    { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3) },
    { kind: 'copy', file: 'a', offset: 20 * i, length: 8 },
  ]).flat();
  const { reads, sink } = await write(parts);
  expect(sink.bytes().length).toBe(110_000);
  expect(reads).toBeLessThan(5);
});

async function write(parts: readonly Part[]) {
  let reads = 0;
  const sources = ['a', 'b'].map((name): ByteSource => {
    const source = bufferSource(FILE, name);
    return {
      ...source,
      async read(...range) {
        reads++;
        return source.read(...range);
      },
    };
  });
  const files = new Map(sources.map((source) => [source.name, source]));
  const plan = { document: { files }, elementBytes: 0, losses: [], parts: () => parts } as unknown as CarriedPlan;
  const sink = memorySink();
  await writePlan(plan, sink, async (handle) => sources.find((source) => source.handle === handle) as ByteSource);
  return { reads, sink };
}
