import { execFile } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');
export const fixture = (path: string): string => join(ROOT, 'src-core/fixtures', path);

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The compiled command itself, as a person runs it. */
export function stateglass(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile('node', [join(ROOT, 'tools/cli.mjs'), ...args], { maxBuffer: 1 << 28 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}
