/** A merge as edits of A: what B and the base give is taken from them as donors. */
import { StateglassError } from '../base/errors.ts';
import type { MergeConflictKind, ThreeWay } from '../diff/three-way.ts';
import type { Edit } from '../model/edit.ts';
import type { MergeStatus } from '../model/pair-table.ts';
import { type LoraOptions, planLora } from '../ops/plan-lora.ts';
import { type MergeChoice, type MergeTake, openChoices } from './merge-choices.ts';
import { type Moved, writeMergeEdits } from './merge-edits.ts';
import { type Line, LineReader, type MergeSides } from './merge-lines.ts';
import { mergeMetadata } from './merge-metadata.ts';

export interface MergeOptions {
  /** The first that an entry has decides it, whether or not there is a conflict. One that cannot be done for an entry is passed over. */
  readonly choices?: readonly MergeChoice[];
  /** For conflicts that no choice decides. */
  readonly rest?: MergeTake;
  /** Bakes the LoRA updates that B holds into weights of A. What only A has is kept then. */
  readonly lora?: LoraOptions;
  /** What nobody decides stays as A has it. */
  readonly partial?: boolean;
  /** Whose metadata stands where sides differ. */
  readonly metadata?: 'a' | 'b' | 'base';
  /** What edits call B and the base as donors. */
  readonly names: { readonly b: string; readonly base: string };
}

/** Why a conflict is one, as the end of a sentence about an entry. */
export const MERGE_CONFLICT_WORDS: Readonly<Record<MergeConflict['kind'], string>> = {
  none: '',
  changed: 'both changed it, each in its own way',
  'deleted-in-a': 'deleted in A, changed in B',
  'deleted-in-b': 'changed in A, deleted in B',
  added: 'both added it, each with another value',
  renamed: 'both renamed it, each in its own way',
  differs: 'A and B differ',
  'only-in-a': 'only A has it',
  'only-in-b': 'only B has it',
  'same-name': 'another entry would have the same name',
  metadata: 'metadata, which both changed',
};

/** What nobody has decided. */
export interface MergeConflict {
  /** As it is called in A, else in B, else in the base. */
  readonly key: string;
  readonly kind: MergeConflictKind | 'same-name' | 'metadata';
  readonly keyA?: string;
  readonly keyB?: string;
  /** Of a part of a LoRA update: why it cannot be baked. */
  readonly why?: string;
}

export interface MergePlan {
  /** Of A; of use where there is no conflict left, or with `partial`. */
  readonly edits: readonly Edit[];
  /** Entries that both sides changed and that are decided, by their keys in the merge; of what it does not have, by those of B or the base. */
  readonly decided: readonly string[];
  readonly conflicts: readonly MergeConflict[];
  /** Lines of the three-way comparison that are in conflict and that nobody decides. */
  readonly undecided: readonly number[];
  /** How many entries of the three stand how. */
  readonly counts: Readonly<Record<MergeStatus, number>>;
}

/**
 * Plans what makes A the merge. Reads nothing: `three` says what differs.
 *
 * @throws `bad-input` for a choice that cannot be read, for the base's where there is none, and for an entry that is to be changed and
 * whose key another one has too.
 */
export function planMerge(three: ThreeWay, sides: MergeSides, options: MergeOptions): MergePlan {
  const { a, b, base } = sides;
  const { choices = [], rest, lora } = options;
  if (!base && [...choices.map(({ take }) => take), rest].some((take) => take?.kind === 'base'))
    throw bad('there is no base to take entries of');
  const takesOf = openChoices(choices, a, b);
  const { bakes, left } = lora ? planLora(a.state, b.state, lora) : { bakes: [], left: [] };
  const factors = new Set(bakes.flatMap(({ rows }) => rows));
  const whyLeft = new Map(left.map(({ key, why }) => [key, why]));
  const conflicts: MergeConflict[] = [];
  const tell = (line: Line, kind: MergeConflict['kind']) => {
    const { keyA, keyB } = line;
    const why = whyLeft.get(keyB ?? '');
    const keys = { ...(keyA !== undefined && { keyA }), ...(keyB !== undefined && { keyB }) };
    conflicts.push({ key: keyOfLine(line), kind, ...keys, ...(why !== undefined && { why }) });
  };
  const counts = { unchanged: 0, a: 0, b: 0, both: 0, merged: 0, conflict: 0 };
  const reader = new LineReader(three, sides);
  const decided: { readonly line: Line; readonly moved: Moved }[] = [];
  const bothChanged: string[] = [];
  const undecided: number[] = [];
  for (let i = 0; i < three.count; i++) {
    const line = reader.read(i);
    counts[line.status]++;
    const takes = [...takesOf(line.rowA, line.rowB, i), ...(line.status === 'conflict' && rest ? [rest] : [])];
    const isBaked = factors.has(line.rowB) || (lora !== undefined && line.conflict === 'only-in-a');
    const take = isBaked
      ? OWN
      : line.status === 'unchanged'
        ? undefined
        : takes.find((one) => reader.canTake(line, one));
    const moved = reader.decide(line, take);
    if (!moved) {
      tell(line, line.conflict);
      undecided.push(i);
    }
    const kept = moved ?? (options.partial ? reader.decide(line, OWN) : undefined);
    if (kept) decided.push({ line, moved: kept });
    if (moved && (line.status === 'conflict' || line.status === 'merged'))
      bothChanged.push(moved.from === 'none' ? keyOfLine(line) : moved.key);
  }
  const names = new Set(decided.flatMap(({ moved }) => (staysAs(moved) ? [moved.key] : [])));
  const moved = decided.flatMap(({ line, moved: one }) => {
    if (one.from !== 'a' || !staysAs(one)) reader.requireOwnKeys(line);
    if (staysAs(one)) return one;
    if (one.from !== 'none' && names.has(one.key)) {
      tell(line, 'same-name');
      return [];
    }
    if (one.from !== 'none') names.add(one.key);
    return one;
  });
  const metadata = mergeMetadata(sides, options.metadata);
  for (const key of metadata.conflicts) conflicts.push({ key, kind: 'metadata' });
  const bake = { op: 'bake-lora', args: { donor: options.names.b, ...lora, partial: true } };
  const edits = [
    ...(bakes.length > 0 ? [bake] : []),
    ...writeMergeEdits(a.state, moved, options.names),
    ...metadata.edits,
  ];
  return { edits, decided: bothChanged, conflicts, undecided, counts };
}

const OWN: MergeTake = { kind: 'a' };

const keyOfLine = ({ keyA, keyB, keyBase }: Line): string => keyA ?? keyB ?? keyBase ?? '';

/** Whether an entry of A has its name still. */
const staysAs = ({ from, rowA, keyA, key }: Moved): boolean => from !== 'none' && rowA >= 0 && keyA === key;

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
