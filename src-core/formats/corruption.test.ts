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
 * is tried in full. Random damage of all fixtures is tried besides (`npm run fuzz`); STATEGLASS_EVERY_MUTANT=1 tries all of them, which takes several.
 */
const MUTANT_BYTES = EVERY_MUTANT ? Number.POSITIVE_INFINITY : 2 ** 19;
const MUTANTS_MIN = 100;
const SLOW_MS = 2000;

interface Mutant {
  readonly what: string;
  make(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/** `read`: bytes that are looked at for each of them. */
function listMutants(size: number, seed: number, read = size): readonly Mutant[] {
  const most = Math.max(MUTANTS_MIN, Math.floor(MUTANT_BYTES / read));
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

async function judge(
  format: Format,
  fixture: Fixture,
  mutant: Mutant,
  file: string | undefined,
): Promise<string | undefined> {
  const started = performance.now();
  try {
    const isOther = file !== undefined && file !== fixture.name;
    const changed = isOther
      ? { others: new Map([[file, mutant.make(fixture.packed!.get(file)!)]]) }
      : { bytes: mutant.make(fixture.bytes) };
    const { result, files } = await readFixture(format, fixture, changed);
    if ('state' in result) walkState(result.state, files);
  } catch (error) {
    if (!(error instanceof StateglassError)) return `${mutant.what}: ${error instanceof Error ? error.stack : error}`;
    if (error.info.kind === 'internal') return `${mutant.what}: ${error.message}`;
  }
  const took = performance.now() - started;
  return took > SLOW_MS ? `${mutant.what}: took ${Math.round(took)} ms` : undefined;
}

/** Those of `health` and `stats` are special in the numbers they hold; the formats' own fixtures are tried here. */
const damagedOf = (format: Format): readonly Damaged[] =>
  fixturesOf(format)
    .filter(({ path }) => EVERY_MUTANT || !/^(?:health|stats)\//.test(path))
    .flatMap((fixture) => (fixture.packed ? filesOf(fixture, fixture.packed) : [{ what: fixture.path, fixture }]));

interface Damaged {
  readonly what: string;
  readonly fixture: Fixture;
  /** The file of a folder that is damaged; the primary where none is named. */
  readonly file?: string;
}

const bytesOf = ({ bytes, packed }: Fixture): number =>
  packed ? [...packed.values()].reduce((sum, { length }) => sum + 2 * length, 0) : bytes.length;

/** What of a folder is structure, each file of it for itself. Data and what is said twice are left out, and folders that are built alike. */
const STRUCTURE = /(?:_METADATA|^[^/]+\/manifest\.ocdbt|^[^/]+\/d\/[0-9a-f]+|packed\/zarr\.json|one\/\.zarray)$/;
const ALIKE = /(?:zarr3|nnx|pure|steps|zarr2)\.zip$/;
function filesOf(fixture: Fixture, packed: ReadonlyMap<string, Uint8Array>): readonly Damaged[] {
  if (!EVERY_MUTANT && ALIKE.test(fixture.path)) return [];
  const names = [...packed.keys()].filter((name) => STRUCTURE.test(name) && !name.endsWith('_CHECKPOINT_METADATA'));
  return names.map((file) => ({ what: `${fixture.path}: ${file}`, fixture, file }));
}

describe.each(FORMATS.map((format) => [format.id, format] as const))('damaged %s', (_, format) => {
  it.each(damagedOf(format).map((damaged) => [damaged.what, damaged] as const))(
    '%s gives an error or a document that holds together',
    async (__, { fixture, file }) => {
      const { result, files } = await readFixture(format, fixture);
      if ('state' in result) walkState(result.state, files);
      const failures: string[] = [];
      const { length } = file === undefined ? fixture.bytes : fixture.packed!.get(file)!;
      for (const mutant of listMutants(length, fixture.path.length, bytesOf(fixture))) {
        const failure = await judge(format, fixture, mutant, file);
        if (failure) failures.push(failure);
        if (failures.length === 5) break;
      }
      expect(failures).toEqual([]);
    },
    60_000,
  );
});
