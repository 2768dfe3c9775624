import type { Entry, EntryId, ShareGroup, StorageId } from '../../model/state-dict.ts';
import { contiguousStrides } from '../../tensor/layout.ts';
import { touchedSpan } from './layout.ts';

export interface Shares {
  readonly groups: readonly ShareGroup[];
  /** Members that look at bytes no earlier member looks at: they are counted by themselves. */
  readonly apart: ReadonlySet<EntryId>;
}

/** Tensors over one storage: tied weights, and views of each other. */
export function findShares(entries: readonly Entry[], byteLength: (id: StorageId) => number): Shares {
  // Nearly every storage has one tensor, so lists are made for the others alone.
  const first = new Map<StorageId, Entry>();
  const byStorage = new Map<StorageId, Entry[]>();
  for (const entry of entries) {
    const { value } = entry;
    if (value.type !== 'tensor' || value.storage === undefined || byteLength(value.storage) === 0) continue;
    const owner = first.get(value.storage);
    const members = byStorage.get(value.storage);
    if (members) members.push(entry);
    else if (owner) byStorage.set(value.storage, [owner, entry]);
    else first.set(value.storage, entry);
  }
  const groups: ShareGroup[] = [];
  const apart = new Set<EntryId>();
  for (const members of byStorage.values()) {
    const [owner, ...aliases] = members;
    if (!owner || aliases.length === 0) continue;
    groups.push({ kind: 'same-storage', owner: owner.id, aliases: aliases.map((alias) => alias.id) });
    const counted = [spanOf(owner)];
    for (const alias of aliases) {
      const span = spanOf(alias);
      // Many views of one storage (a slice per row) would make this quadratic; past a few they are taken as covered.
      if (!span || counted.length > 64 || counted.some((other) => other && overlaps(span, other))) continue;
      counted.push(span);
      apart.add(alias.id);
    }
  }
  return { groups, apart };
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly dtype: string;
}

function spanOf({ value }: Entry): Span | undefined {
  if (value.type !== 'tensor') return undefined;
  const span = touchedSpan(value.shape, value.strides ?? contiguousStrides(value.shape), value.offset);
  return span && { ...span, dtype: value.dtype };
}

/** Elements of different types are counted in different units: taken as overlapping. */
const overlaps = (a: Span, b: Span): boolean => a.dtype !== b.dtype || (a.from < b.to && b.from < a.to);
