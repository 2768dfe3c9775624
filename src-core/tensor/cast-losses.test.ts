import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type CastLosses, countLosses, joinLosses, NO_LOSSES } from './cast-losses.ts';
import { bitsOf, type DType } from './dtype.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/derived/${name}.json`, import.meta.url), 'utf8'));
const { sources }: { sources: Readonly<Record<string, string>> } = read('casts');
const golden: { entries: readonly { pair: string; losses: CastLosses }[] } = read('cast-losses');

describe('what a cast loses is what exact arithmetic finds', () => {
  test.each(golden.entries)('$pair', ({ pair, losses }) => {
    const [from, to] = pair.split(' ') as [DType, DType];
    const bytes = Uint8Array.from(Buffer.from(sources[from] as string, 'base64'));
    const width = bitsOf(from)! / 8;
    const count = bytes.length / width;
    const half = Math.floor(count / 2);
    const parts = [bytes.slice(0, half * width), bytes.slice(half * width)];
    expect(countLosses(from, to, bytes, count)).toEqual(losses);
    expect(
      joinLosses(
        joinLosses(NO_LOSSES, countLosses(from, to, parts[0]!, half)),
        countLosses(from, to, parts[1]!, count - half),
      ),
    ).toEqual(losses);
  });
});
