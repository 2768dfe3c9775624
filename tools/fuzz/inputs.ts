/** What is tried: a damaged fixture of some format, by the seed of the run and the number of the input. */
import { type Fixture, fixturesOf } from '../../src-core/formats/fixture-files.fixture.ts';
import type { Format } from '../../src-core/formats/format.ts';
import { FORMATS } from '../../src-core/formats/registry.ts';
import { mutate } from './mutate.ts';
import { randomOf } from './random.ts';

export interface Input {
  readonly format: Format;
  readonly fixture: Fixture;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Larger files are tried less often than they cost. */
const MOST_BYTES = 256 * 1024;

const fixtures = FORMATS.map((format) => ({
  format,
  list: fixturesOf(format).filter(({ bytes }) => bytes.length > 0 && bytes.length <= MOST_BYTES),
})).filter(({ list }) => list.length > 0);

export const listFormats = (): readonly string[] => fixtures.map(({ format }) => format.id);

export function makeInput(seed: number, input: number): Input {
  const random = randomOf(seed, input);
  const { format, list } = random.pick(fixtures);
  const fixture = random.pick(list);
  // Nearly always of the same format: what is put in has to be read before it can do harm.
  const other = random.pick(random.below(8) === 0 ? random.pick(fixtures).list : list);
  return { format, fixture, bytes: mutate(fixture.bytes, random, other.bytes) };
}
