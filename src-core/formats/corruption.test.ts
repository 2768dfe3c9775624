import { describe, expect, it } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import { type Fixture, fixturesOf, readFixture } from './fixture-files.fixture.ts';
import type { Format } from './format.ts';
import { FORMATS } from './registry.ts';
import { walkState } from './walk-state.fixture.ts';

/**
 * Damaged copies of every fixture: cut anywhere in the first 4 KiB and the last 1 KiB, and with any byte of the first 4 KiB flipped.
 * Each gives a typed error, or a document in which everything can be looked at and no range leaves its file.
 */
const HEAD = 4096;
const TAIL = 1024;
const EVERY_MUTANT = Boolean(process.env.STATEGLASS_EVERY_MUTANT);
/**
 * Bytes of all mutants of one kind for one fixture; beyond it every n-th mutant is taken, from a fixed start. A fixture of 500 bytes
 * is tried in full. Keeps the whole below a minute; STATEGLASS_EVERY_MUTANT=1 tries all of them, which takes several.
 */
const MUTANT_BYTES = EVERY_MUTANT ? Number.POSITIVE_INFINITY : 2 ** 20;
const MUTANTS_MIN = 100;
const SLOW_MS = 2000;

interface Mutant {
  readonly what: string;
  make(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

function listMutants(size: number, seed: number): readonly Mutant[] {
  const most = Math.max(MUTANTS_MIN, Math.floor(MUTANT_BYTES / size));
  const head = Math.min(HEAD, size);
  const cuts = range(0, head).concat(range(Math.max(head, size - TAIL), size));
  const flip = (at: number, mask: number): Mutant => ({
    what: `byte ${at} xor 0x${mask.toString(16)}`,
    make(bytes) {
      const copy = bytes.slice();
      copy[at]! ^= mask;
      return copy;
    },
  });
  return [
    ...sample(cuts, seed, most).map(
      (at): Mutant => ({ what: `cut to ${at} bytes`, make: (bytes) => bytes.slice(0, at) }),
    ),
    ...sample(range(0, head), seed, most).map((at) => flip(at, 0xff)),
    ...sample(range(0, head), seed + 1, most).map((at) => flip(at, 0x01)),
  ];
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);

function sample(all: readonly number[], seed: number, most: number): readonly number[] {
  const stride = Math.max(1, Math.ceil(all.length / most));
  return all.filter((_, i) => i % stride === seed % stride);
}

async function judge(format: Format, fixture: Fixture, mutant: Mutant): Promise<string | undefined> {
  const started = performance.now();
  try {
    const { result, files } = await readFixture(format, fixture, { bytes: mutant.make(fixture.bytes) });
    if ('state' in result) walkState(result.state, files);
  } catch (error) {
    if (!(error instanceof StateglassError)) return `${mutant.what}: ${error instanceof Error ? error.stack : error}`;
    if (error.info.kind === 'internal') return `${mutant.what}: ${error.message}`;
  }
  const took = performance.now() - started;
  return took > SLOW_MS ? `${mutant.what}: took ${Math.round(took)} ms` : undefined;
}

/** Those of `health` and `stats` are special in the numbers they hold; the formats' own fixtures are tried here. */
const damagedOf = (format: Format): readonly Fixture[] =>
  fixturesOf(format).filter(({ path }) => EVERY_MUTANT || !/^(?:health|stats)\//.test(path));

describe.each(FORMATS.map((format) => [format.id, format] as const))('damaged %s', (_, format) => {
  it.each(damagedOf(format).map((fixture) => [fixture.path, fixture] as const))(
    '%s gives an error or a document that holds together',
    async (__, fixture) => {
      const { result, files } = await readFixture(format, fixture);
      if ('state' in result) walkState(result.state, files);
      const failures: string[] = [];
      for (const mutant of listMutants(fixture.bytes.length, fixture.path.length)) {
        const failure = await judge(format, fixture, mutant);
        if (failure) failures.push(failure);
        if (failures.length === 5) break;
      }
      expect(failures).toEqual([]);
    },
    60_000,
  );
});
