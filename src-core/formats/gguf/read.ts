import { StateglassError } from '../../base/errors.ts';
import { readAhead } from '../../model/shards/read-ahead.ts';
import { shardNaming, sortNames } from '../../model/shards/shard-names.ts';
import { countShards, damagedShard, findUnopened } from '../../model/shards/shard-problems.ts';
import type { MetaItem } from '../../model/state-dict.ts';
import type { Read, ReadContext } from '../format.ts';
import { Assembly } from './assembly.ts';
import { type Header, readHeader } from './read-header.ts';

const SHARDS = shardNaming('gguf');

/** Reads the headers of one file, or of all files of a split model that were opened together. */
export const read: Read = async (context) => {
  const { id, set, source, signal } = context;
  if (set.length > 1 || SHARDS.parse(id)) return readSplit(context);
  const header = await readHeader(source, id, signal);
  context.onProgress?.(header.end, header.end);
  const assembly = new Assembly();
  assembly.addFile(id, source.name, source.size, header);
  const said = splitCount(header.items);
  if (said !== undefined && said > 1) {
    assembly.addProblem({
      code: 'missing-shard',
      severity: 'warning',
      message: `It is one of ${said} files of a split model, and its name does not say which.`,
      advice: 'Give the files their names back (model-00001-of-00003.gguf) and open them together.',
      file: id,
    });
  }
  return assembly.finish(undefined);
};

async function readSplit(context: ReadContext) {
  const { id, files, set, signal } = context;
  const assembly = new Assembly();
  const shards = sortNames(set).map((shard) => ({ id: shard, source: files.get(shard) }));
  const headers: Header[] = [];
  let failed: StateglassError | undefined;
  await readAhead(
    shards,
    ({ id: shard, source }) => source && readHeader(source, shard, signal).catch(asOutcome),
    ({ id: shard, source }, outcome, position) => {
      context.onProgress?.(position + 1, shards.length);
      if (!source || !outcome) return;
      if (outcome instanceof StateglassError) {
        failed ??= outcome;
        assembly.files.push({ id: shard, name: source.name, size: source.size, part: 'model' });
        assembly.addProblem(damagedShard(shard, outcome));
        return;
      }
      headers.push(outcome);
      assembly.addFile(shard, source.name, source.size, outcome);
    },
    signal,
  );
  if (headers.length === 0 && failed) throw failed;
  const unopened = findUnopened(SHARDS, id, set);
  if (unopened) {
    assembly.files.push(...unopened.files);
    assembly.addProblem(unopened.problem);
  }
  checkTotals(assembly, headers, set.length, unopened === undefined && !failed);
  return assembly.finish(countShards(set.length));
}

/** One damaged file does not keep the others from being seen. */
function asOutcome(error: unknown): StateglassError {
  if (error instanceof StateglassError && error.info.kind !== 'cancelled') return error;
  throw error;
}

/** What the first file says of all of them. */
function checkTotals(assembly: Assembly, headers: readonly Header[], open: number, isWhole: boolean): void {
  const first = headers[0]?.items ?? [];
  const files = splitCount(first);
  if (isWhole && files !== undefined && files !== open) {
    const message = `split.count says that the model has ${files} files; their names say ${open}.`;
    assembly.addProblem({ code: 'split-count', severity: 'warning', message });
  }
  const tensors = numberOf(first, 'split.tensors.count');
  if (isWhole && tensors !== undefined && tensors !== assembly.count) {
    const message = `split.tensors.count says that the model has ${tensors} tensors; the files hold ${assembly.count}.`;
    assembly.addProblem({ code: 'split-count', severity: 'warning', message });
  }
}

const splitCount = (items: readonly MetaItem[]): number | undefined => numberOf(items, 'split.count');

function numberOf(items: readonly MetaItem[], wanted: string): number | undefined {
  const value = items.find(({ key }) => key === wanted)?.value;
  return value?.kind === 'number' ? Number(value.lexeme) : undefined;
}
