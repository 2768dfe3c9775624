import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const FIXTURES = join(import.meta.dirname, '../src-core/fixtures');
export const EXAMPLES = join(import.meta.dirname, '../public/examples');
export const fixture = (path: string): string => join(FIXTURES, path);
export const example = (name: string): string => join(EXAMPLES, name);

/** A folder for big sparse files, gone after the act. */
export async function withFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-e2e-'));
  await mkdir(folder, { recursive: true });
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
