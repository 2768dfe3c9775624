import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { compileCommand } from '../tools/compile.mjs';

export const ROOT = join(import.meta.dirname, '..');
export const fixture = (path: string): string => join(ROOT, 'src-core/fixtures', path);

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The compiled command itself, as a person runs it. */
export const stateglass = (...args: string[]): Promise<Ran> => stateglassWith({}, ...args);

/** Compiled when it is stale, before the first test, and not asked about by each process. */
const command = await compileCommand();

/** The same with variables of the environment. */
export function stateglassWith(variables: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> {
  const options = { maxBuffer: 1 << 28, env: { ...process.env, NODE_NO_WARNINGS: '1', ...variables } };
  return new Promise((resolve) => {
    execFile('node', [command, ...args], options, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

/** A folder for the tests of one file, taken away after them; paths in it by name. */
export function temporaryFolder(): (name?: string) => string {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stateglass-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return (name = '') => join(folder, name);
}

export const hashFile = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** A safetensors file by its specification, read without this program: the metadata, and the bytes of each tensor by its name. */
export function readSafetensors(path: string): {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: Readonly<Record<string, string>>;
} {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__: metadata = {}, ...header } = JSON.parse(bytes.toString('utf8', 8, start));
  const tensors = Object.entries(header as Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>);
  return {
    metadata,
    tensors: Object.fromEntries(
      tensors.map(
        ([
          name,
          {
            dtype,
            shape,
            data_offsets: [from = 0, to = 0],
          },
        ]) => [name, `${dtype} ${shape} ${bytes.toString('hex', start + from, start + to)}`],
      ),
    ),
  };
}
