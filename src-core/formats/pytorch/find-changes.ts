import { isEdited } from '../../model/edited-entries.ts';
import type { Entry, StateDict, Value } from '../../model/state-dict.ts';

/** What of a document is not as it was read. */
export interface Changes {
  /** With another key or another value. */
  readonly replaced: readonly { readonly was: Entry; readonly entry: Entry }[];
  readonly removed: readonly Entry[];
  readonly added: readonly Entry[];
  /** Whether what the file says beside its entries is another. */
  readonly metadata: boolean;
}

export const isChanged = ({ replaced, removed, added, metadata }: Changes): boolean =>
  metadata || replaced.length + removed.length + added.length > 0;

/** Looks at the entries that were edited, not at all of them. */
export function findChanges(before: StateDict, after: StateDict): Changes {
  const metadata = after.metadata !== before.metadata && spell(after.metadata) !== spell(before.metadata);
  const { entries } = after;
  if (!isEdited(entries)) return { replaced: [], removed: [], added: [], metadata };
  const kept = new Uint8Array(before.entries.length).fill(entries.order ? 0 : 1);
  const added: Entry[] = [];
  for (const [row, place] of entries.order?.entries() ?? []) {
    if (place >= 0) kept[place] = 1;
    else added.push(entries.at(row));
  }
  const removed: Entry[] = [];
  kept.forEach((is, row) => {
    if (!is) removed.push(before.entries.at(row));
  });
  const replaced = [...entries.changed].flatMap(([row, changed]) => {
    const was = before.entries.at(row);
    const isSame = changed.key === was.key && isSameValue(changed.value, was.value);
    return kept[row] && !isSame ? [{ was, entry: { ...changed, id: row } }] : [];
  });
  return { replaced, removed, added, metadata };
}

export const isSameValue = (a: Value, b: Value): boolean => a === b || spell(a) === spell(b);

/** JSON that tells the zeros and what is no number apart. */
const spell = (value: unknown): string =>
  JSON.stringify(value, (_, one) =>
    typeof one === 'number' && (!Number.isFinite(one) || Object.is(one, -0))
      ? `#${Object.is(one, -0) ? '-0' : one}`
      : one,
  );
