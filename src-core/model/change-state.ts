import { type EntryChange, editEntries, isEdited } from './edited-entries.ts';
import type {
  EntryId,
  MetaItem,
  Problem,
  ShareGroup,
  StateDict,
  Storage,
  StorageId,
  Storages,
  Value,
} from './state-dict.ts';

/** What an edit does to a state. */
export interface StateChange extends EntryChange {
  /** Their ids follow those that are there: the first is `nextStorage(state)`. */
  readonly storages?: readonly Omit<Storage, 'id'>[];
  readonly metadata?: readonly MetaItem[];
  /** Rows that share a storage from now on, as they are before any are removed; added entries follow those that are there. */
  readonly ties?: readonly (readonly EntryId[])[];
}

export const nextStorage = ({ storages }: StateDict): StorageId => storages.size;

/** The state with a change. Ties of entries that went, or that look at other bytes now, are undone; problems go with their entries. */
export function changeState(state: StateDict, change: StateChange): StateDict {
  const storages = change.storages ? addStorages(state.storages, change.storages) : state.storages;
  const rowOf = shiftRows(state.entries.length, change.remove);
  const moved = moveShares(state, change, rowOf);
  const left = state.entries.length - (change.remove?.size ?? 0);
  const shares = tieRows(moved, change.ties ?? [], (row) =>
    row < state.entries.length ? rowOf(row) : row - state.entries.length + left,
  );
  const facts = { storages, shares };
  return {
    ...state,
    entries: editEntries(state.entries, change, facts),
    storages,
    shares,
    problems: moveProblems(state.problems, change, rowOf),
    ...(change.metadata && { metadata: change.metadata }),
  };
}

function addStorages(before: Storages, added: readonly Omit<Storage, 'id'>[]): Storages {
  const first = before.size;
  return {
    size: first + added.length,
    get(id) {
      const found = added[id - first];
      return found ? { ...found, id } : before.get(id);
    },
  };
}

/** Where a row is when others have gone; undefined when it has. */
function shiftRows(count: number, remove: ReadonlySet<EntryId> | undefined): (row: EntryId) => EntryId | undefined {
  if (!remove?.size) return (row) => row;
  const rows = new Int32Array(count);
  for (let row = 0, at = 0; row < count; row++) rows[row] = remove.has(row) ? -1 : at++;
  return (row) => (rows[row]! < 0 ? undefined : rows[row]);
}

const storageOf = (value: Value): StorageId | undefined =>
  value.type === 'tensor' || value.type === 'bytes' ? value.storage : undefined;

function moveShares(
  state: StateDict,
  { replace, remove }: StateChange,
  rowOf: (row: EntryId) => EntryId | undefined,
): readonly ShareGroup[] {
  if (!replace?.size && !remove?.size) return state.shares;
  /** The storage that a row looks at now, where that is another one: those of a group that go together stay tied. */
  const movedTo = (row: EntryId): StorageId | 'nowhere' | undefined => {
    const after = replace?.get(row);
    if (!after) return undefined;
    const storage = storageOf(after.value);
    return storage === storageOf(state.entries.at(row).value) ? undefined : (storage ?? 'nowhere');
  };
  return state.shares.flatMap((group) => {
    const together = new Map<StorageId | 'nowhere' | undefined, EntryId[]>();
    for (const row of [group.owner, ...group.aliases]) {
      const [to, moved] = [movedTo(row), rowOf(row)];
      if (moved !== undefined && to !== 'nowhere') together.set(to, [...(together.get(to) ?? []), moved]);
    }
    return [...together.values()].flatMap(([owner, ...aliases]) =>
      owner === undefined || aliases.length === 0 ? [] : [{ ...group, owner, aliases }],
    );
  });
}

/** Groups with rows that are tied now: those that they were in become one with them. */
function tieRows(
  shares: readonly ShareGroup[],
  ties: readonly (readonly EntryId[])[],
  rowOf: (row: EntryId) => EntryId | undefined,
): readonly ShareGroup[] {
  return ties.reduce((groups, tied) => {
    const rows = new Set(tied.flatMap((row) => rowOf(row) ?? []));
    const isJoined = ({ owner, aliases }: ShareGroup) => [owner, ...aliases].some((row) => rows.has(row));
    const joined = groups.filter(isJoined).flatMap(({ owner, aliases }) => [owner, ...aliases]);
    const [owner, ...aliases] = [...new Set([...rows, ...joined])].sort((a, b) => a - b);
    if (owner === undefined || aliases.length === 0) return groups;
    return [...groups.filter((group) => !isJoined(group)), { kind: 'same-storage', owner, aliases }];
  }, shares);
}

function moveProblems(
  problems: readonly Problem[],
  { replace, remove }: StateChange,
  rowOf: (row: EntryId) => EntryId | undefined,
): readonly Problem[] {
  if (!replace?.size && !remove?.size) return problems;
  return problems.flatMap((problem) => {
    if (problem.entry === undefined) return problem;
    const entry = rowOf(problem.entry);
    return entry === undefined || replace?.has(problem.entry) ? [] : { ...problem, entry };
  });
}

/** Rows of the edited state by their rows before: −1 for what went. Undefined while all are where they were. */
export function movedRows(before: StateDict, after: StateDict): Int32Array | undefined {
  const placesOf = ({ entries }: StateDict) => (isEdited(entries) ? entries.order : undefined);
  const [was, is] = [placesOf(before), placesOf(after)];
  if (was === is) return undefined;
  const rowOfPlace = new Map<number, EntryId>();
  for (let row = 0; row < after.entries.length; row++) rowOfPlace.set(is?.[row] ?? row, row);
  return Int32Array.from({ length: before.entries.length }, (_, row) => rowOfPlace.get(was?.[row] ?? row) ?? -1);
}
