import type { Entry, EntryId, Problem, StateDict } from '../model/state-dict.ts';
import type { Written, WrittenAs } from './written-tensors.ts';

/** Each is written with bytes of its own, those aside that have one storage in `kept`, whose rows are those of `entries`. */
export function tellTies(
  { shares }: StateDict,
  entries: readonly Entry[],
  kept: StateDict | undefined,
): readonly Problem[] {
  if (shares.length === 0) return [];
  const rows = new Map<EntryId, number>(entries.map(({ id }, row) => [id, row]));
  const storageOf = (row: number) => {
    const value = kept?.entries.at(row).value;
    return value?.type === 'tensor' ? value.storage : row;
  };
  const tied = shares
    .map(({ owner, aliases }) => [owner, ...aliases].flatMap((id) => rows.get(id) ?? []))
    .filter((group) => new Set(group.map(storageOf)).size > 1)
    .map((group) => group.map((row) => (entries[row] as Entry).key));
  const [first] = tied;
  if (!first) return [];
  const groups = tied.length - 1;
  const more = groups === 0 ? '' : groups === 1 ? ' (as does one more group)' : ` (as do ${groups} more groups)`;
  const message = `${first[0]} and ${first[1]}${first.length > 2 ? ` and ${first.length - 2} more` : ''} share memory${more}: each is written in full.`;
  return [{ code: 'tie-lost', severity: 'note', message }];
}

export function tellChanges(written: readonly Written[], { as }: WrittenAs): readonly Problem[] {
  const count = (change: Written['change']) => written.filter((one) => one.change === change).length;
  const tensors = (n: number) => (n === 1 ? 'One tensor is' : `${n} tensors are`);
  const losses: Problem[] = [];
  const widened = count('widened');
  const dequantised = count('dequantised');
  const stored = count('stored integers');
  if (widened > 0)
    losses.push({
      code: 'widened',
      severity: 'note',
      message: `${tensors(widened)} written as f32, with the same values.`,
    });
  if (dequantised > 0)
    losses.push({
      code: 'dequantised',
      severity: 'note',
      message: `${tensors(dequantised)} written as the values that its stored integers stand for, in f32.`,
    });
  if (stored > 0)
    losses.push({
      code: 'scales-lost',
      severity: 'warning',
      message: `${tensors(stored)} written as stored integers: the scales that make values of them are left out.`,
    });
  const kept = as === 'f32' ? written.filter(({ dtype }) => dtype === 'f64').length : 0;
  if (kept > 0)
    losses.push({
      code: 'kept-wide',
      severity: 'note',
      message: `${tensors(kept)} left in f64: f32 would round the values.`,
    });
  return losses;
}
