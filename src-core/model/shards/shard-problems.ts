import type { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { FileId } from '../../bytes/source.ts';
import type { FileInfo, Problem } from '../state-dict.ts';
import type { ShardNaming } from './shard-names.ts';

/** What can be wrong between an index and its shards, in the same words for every format. `key` stands in quotes already. */

/** A shard that the index names and nobody opened, or that nobody may look for. */
export function absentShard(name: string, id: FileId, names: number, isSafe: boolean): Problem {
  const tensors = names === 1 ? '1 tensor' : `${names} tensors`;
  if (isSafe) {
    return {
      code: 'missing-shard',
      severity: 'warning',
      message: `The shard ${name} is not open: ${tensors} can only be listed by name.`,
      advice: 'Open it together with the index.',
      file: id,
    };
  }
  return {
    code: 'unsafe-name',
    severity: 'error',
    message: `The index names the file ${JSON.stringify(name)}, which lies outside its folder. It is not looked for.`,
    file: id,
  };
}

/** One damaged shard does not keep the others from being seen. */
export const damagedShard = (id: FileId, error: StateglassError): Problem => ({
  code: 'bad-shard',
  severity: 'error',
  message: `${error.message}.`,
  file: id,
});

/** Loaders take the one they read last. */
export const inTwoShards = (key: string, first: string, second: string): Omit<Problem, 'entry' | 'file'> => ({
  code: 'two-shards',
  severity: 'warning',
  message: `${key} is in ${first} and in ${second}.`,
  advice: 'Loaders take the one they read last.',
});

export const inOtherShard = (key: string, said: string, found: string): Omit<Problem, 'entry' | 'file'> => ({
  code: 'weight-map',
  severity: 'warning',
  message: `The index says ${key} is in ${said}; it is in ${found}.`,
});

export const notInShard = (key: string, said: string): Omit<Problem, 'entry' | 'file'> => ({
  code: 'weight-map',
  severity: 'warning',
  message: `The index says ${key} is in ${said}; it is not there.`,
});

export const notInIndex = (key: string, found: string): Omit<Problem, 'entry' | 'file'> => ({
  code: 'not-in-index',
  severity: 'note',
  message: `${key} is in ${found}, but the index does not list it.`,
});

/** `held`: bytes of the tensors of all shards. */
export const otherTotal = (said: number, held: number): Problem => ({
  code: 'total-size',
  severity: 'note',
  message: `The index says total_size is ${said} bytes; the shards hold ${held}.`,
});

/** Shards that the names of a numbered set tell of and nobody opened. Undefined when all are here. */
export function findUnopened(
  naming: ShardNaming,
  id: FileId,
  set: readonly FileId[],
): { readonly files: readonly FileInfo[]; readonly problem: Problem } | undefined {
  const shard = naming.parse(id);
  if (!shard) return undefined;
  const here = new Set(set.map((name) => naming.parse(name)?.number));
  const files: FileInfo[] = [];
  for (let number = 1; number <= Math.min(shard.total, LIMITS.shards); number++) {
    if (here.has(number)) continue;
    const missing = naming.named(id, number);
    files.push({ id: missing, name: missing.slice(missing.lastIndexOf('/') + 1), part: 'missing' });
  }
  if (files.length === 0) return undefined;
  const list = files.slice(0, 3).map((file) => file.name);
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  const problem: Problem = {
    code: 'missing-shard',
    severity: 'warning',
    message: `${here.size} of ${shard.total} shards are open. Not open: ${list.join(', ')}${more}.`,
    advice: 'Open all shards together, with their index if there is one.',
  };
  return { files, problem };
}

export const countShards = (count: number): string => (count === 1 ? '1 shard' : `${count} shards`);
