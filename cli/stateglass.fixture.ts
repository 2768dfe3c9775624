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
export const stateglass = (...args: string[]): Promise<Ran> => stateglassWith({}, ...args);

/** The same with variables of the environment. */
export function stateglassWith(variables: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> {
  const options = { maxBuffer: 1 << 28, env: { ...process.env, ...variables } };
  return new Promise((resolve) => {
    execFile('node', [join(ROOT, 'tools/cli.mjs'), ...args], options, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}
