import { describe, expect, it } from 'vitest';
import { fixturesOf, readFixture } from './fixture-files.fixture.ts';
import type { Format } from './format.ts';
import { FORMATS } from './registry.ts';

const HEAD = 4096;
/** A bare JSON text, like plain text, has nothing to be known by but its name. */
const NAMELESS = ['text/text.json'];

/** The formats that would be asked for these bytes under this name, in the order they would be asked. */
function rankFormats(head: Uint8Array, name: string): readonly Format[] {
  return (['yes', 'maybe'] as const).flatMap((wanted) =>
    FORMATS.filter((format) => format.probe(head, name) === wanted),
  );
}

it('registered ids are unique', () => {
  expect(new Set(FORMATS.map((format) => format.id)).size).toBe(FORMATS.length);
});

describe.each(FORMATS.map((format) => [format.id, format] as const))('%s', (_, format) => {
  const fixtures = fixturesOf(format);

  it('has a label and extensions as file dialogs want them', () => {
    expect(format.label).not.toBe('');
    for (const extension of format.extensions) expect(extension).toMatch(/^\.[a-z0-9.]+$/);
  });

  it('has a fixture', () => expect(fixtures.length).toBeGreaterThan(0));

  it('never judges by more than it is shown', () => {
    for (const head of [new Uint8Array(0), new Uint8Array(1), new Uint8Array(HEAD), new Uint8Array(HEAD).fill(0xff)]) {
      expect(['yes', 'maybe', 'no']).toContain(format.probe(head, 'unknown'));
    }
  });

  describe.each(fixtures.map((fixture) => [fixture.path, fixture] as const))('%s', (__, fixture) => {
    const isNameless = format.id === 'text' || NAMELESS.includes(fixture.path);
    it.each(isNameless ? ['own'] : ['own', 'unknown'])('is found by content under the name %s', async (as) => {
      const name = as === 'own' ? fixture.name : 'unknown';
      for (const asked of rankFormats(fixture.bytes.subarray(0, HEAD), name)) {
        const { result, files } = await readFixture(asked, fixture, { name });
        if ('decline' in result) continue;
        expect(asked.id).toBe(format.id);
        expect(result.state.format).toBe(format.id);
        expect(result.used).toContain(name);
        for (const id of result.used) expect(files.has(id)).toBe(true);
        return;
      }
      expect.fail('no format takes it');
    });
  });
});
