import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import { bufferSource } from '../../bytes/buffer.ts';
import { countingSource } from '../../bytes/counting.ts';
import { gguf } from './index.ts';

const FOLDER = new URL('../../fixtures/hostile/', import.meta.url);
/** What is no gguf file at all is named before a reader is asked. */
const NOT_OURS = ['not-a-model', 'unknown-format'];

interface Golden {
  readonly expect: string;
  readonly orElse?: readonly string[];
  readonly why: string;
}

const golden = (name: string): Golden => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
const names = readdirSync(FOLDER).filter(
  (name) => /^gguf-.*\.gguf$/.test(name) && !NOT_OURS.includes(golden(name).expect),
);

describe('hostile files', () => {
  it('are there', () => expect(names.length).toBeGreaterThan(25));

  it.each(names.map((name) => [name, golden(name)] as const))('%s', async (name, wanted) => {
    const source = countingSource(bufferSource(Uint8Array.from(readFileSync(new URL(name, FOLDER))), name));
    const { read } = await gguf.load();
    const answer = await read({ id: name, source, files: new Map([[name, source]]), set: [name] }).then(
      (result) =>
        'decline' in result ? 'declined' : result.state.problems.length > 0 ? 'opens-with-problems' : 'opens',
      (error: unknown) => (error instanceof StateglassError ? error.info.kind : String(error)),
    );
    expect([wanted.expect, ...(wanted.orElse ?? [])]).toContain(answer);
  });
});
