import type { Edit } from '../model/edit.ts';
import { findRow } from '../model/find-row.ts';
import type { RenameRule } from '../model/keys/rename-rules.ts';
import type { StateDict } from '../model/state-dict.ts';
import { planRenames } from '../ops/verbs/rename-rules.ts';

/** An entry of the merge. */
export type Moved = {
  /** Of A, and its key there; −1 for what A does not have. */
  readonly rowA: number;
  readonly keyA?: string;
  /** Its key in the merge. */
  readonly key: string;
} & (
  | { readonly from: 'none' }
  /** `theirs` is the key that it has there. */
  | { readonly from: 'a' | 'b' | 'base'; readonly theirs: string }
  | { readonly from: 'sum'; readonly theirs: string; readonly weight: number }
  | { readonly from: 'text'; readonly text: string }
);

/** A's entries become those of the merge: values under the names they have, then what goes, then new names, then what comes. */
export function writeMergeEdits(
  state: StateDict,
  moved: readonly Moved[],
  names: { readonly b: string; readonly base: string },
): Edit[] {
  const replaced = moved.filter(({ rowA }) => rowA >= 0);
  const added = moved.filter(({ rowA }) => rowA < 0);
  const edits: Edit[] = [];
  for (const side of ['b', 'base'] as const) {
    const takings = replaced.flatMap((one) =>
      one.from === side ? [{ from: one.theirs, to: one.keyA as string }] : [],
    );
    edits.push(...takeEdits(state, names[side], takings));
  }
  edits.push(...sumEdits(state, replaced, names.b));
  for (const one of replaced)
    if (one.from === 'text') edits.push({ op: 'set-value', args: { key: one.keyA, text: one.text } });
  const gone = replaced.flatMap(({ from, keyA }) => (from === 'none' ? [keyA as string] : []));
  if (gone.length > 0) edits.push({ op: 'delete', args: { keys: gone } });
  const renamed = replaced.flatMap(({ from, keyA, key }) =>
    from === 'none' || keyA === key ? [] : [[keyA as string, key] as const],
  );
  edits.push(...renameEdits(state, renamed));
  for (const side of ['b', 'base'] as const) {
    const takings = added.flatMap((one) => (one.from === side ? [{ from: one.theirs, to: one.key }] : []));
    edits.push(...takeEdits(state, names[side], takings));
  }
  return edits;
}

interface NamedTaking {
  readonly from: string;
  readonly to: string;
}

/** As few edits as there are ways in which modules are called here and there. */
export function takeEdits(state: StateDict, donor: string, takings: readonly NamedTaking[]): Edit[] {
  const groups = new Map<string, NamedTaking[]>();
  for (const taking of takings) {
    const id = JSON.stringify(cutCommonEnd(taking));
    groups.set(id, [...(groups.get(id) ?? []), taking]);
  }
  return [...groups.values()].map((group) => {
    const untie = isTiedToOthers(
      state,
      group.map(({ to }) => to),
    )
      ? { untie: true }
      : {};
    const [first] = group as [NamedTaking];
    if (group.length === 1) {
      const { from, to } = first;
      return { op: 'take', args: { key: to, donor, ...(from !== to && { from }), ...untie } };
    }
    const { from, to } = cutCommonEnd(first);
    return {
      op: 'take-all',
      args: { donor, keys: group.map((one) => one.from), ...(from !== to && { from, to }), ...untie },
    };
  });
}

/** `a.b.w` and `c.b.w` differ in `a` and `c`. */
function cutCommonEnd({ from, to }: NamedTaking): NamedTaking {
  const [theirs, own] = [from.split('.'), to.split('.')];
  while (theirs.length > 0 && own.length > 0 && theirs.at(-1) === own.at(-1)) {
    theirs.pop();
    own.pop();
  }
  return { from: theirs.join('.'), to: own.join('.') };
}

function sumEdits(state: StateDict, moved: readonly Moved[], donor: string): Edit[] {
  const keysOfWeight = new Map<number, string[]>();
  const edits: Edit[] = [];
  const sum = (keys: readonly string[], weight: number, key?: string): Edit => ({
    op: 'weighted-sum',
    args: {
      keys,
      weight: 1 - weight,
      others: [{ donor, ...(key !== undefined && { key }), weight }],
      ...(isTiedToOthers(state, keys) && { untie: true }),
    },
  });
  for (const one of moved) {
    if (one.from !== 'sum') continue;
    const key = one.keyA as string;
    if (one.theirs === key) keysOfWeight.set(one.weight, [...(keysOfWeight.get(one.weight) ?? []), key]);
    else edits.push(sum([key], one.weight, one.theirs));
  }
  return [...[...keysOfWeight].map(([weight, keys]) => sum(keys, weight)), ...edits];
}

/** Whether an entry that is not among them would follow what becomes of these. */
export function isTiedToOthers(state: StateDict, keys: readonly string[]): boolean {
  if (state.shares.length === 0) return false;
  const rows = new Set(keys.map((key) => findRow(state, key)));
  return state.shares.some(({ owner, aliases }) => {
    const inGroup = [owner, ...aliases].filter((row) => rows.has(row)).length;
    return inGroup > 0 && inGroup <= aliases.length;
  });
}

/**
 * One rule where all of a module is called otherwise, and nothing else would be. Else one after the other, each to a name that is free by
 * then; where names go round in a circle one steps aside.
 */
export function renameEdits(state: StateDict, names: readonly (readonly [key: string, to: string])[]): Edit[] {
  const rule = findRule(state, names);
  if (rule) return [{ op: 'rename-rules', args: { rules: [rule] } }];
  const edits: Edit[] = [];
  const left = new Map(names);
  const put = (key: string, to: string) => edits.push({ op: 'rename', args: { key, to } });
  while (left.size > 0) {
    const free = [...left].filter(([, to]) => !left.has(to));
    for (const [key, to] of free) {
      put(key, to);
      left.delete(key);
    }
    const [circle] = left;
    if (free.length > 0 || !circle) continue;
    const [key, to] = circle;
    let aside = `${key}.renamed`;
    while (findRow(state, aside) !== undefined || left.has(aside)) aside += '.';
    put(key, aside);
    left.delete(key);
    left.set(aside, to);
  }
  return edits;
}

function findRule(state: StateDict, names: readonly (readonly [key: string, to: string])[]): RenameRule | undefined {
  const [first] = names;
  if (!first || names.length === 1) return undefined;
  const { from, to } = cutCommonEnd({ from: first[0], to: first[1] });
  const [own, theirs] = [from, to].map((module) => (module === '' ? '' : `${module}.`)) as [string, string];
  const rule = { pattern: `^${own.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`, to: theirs.replaceAll('$', '$$$$') };
  const plan = planRenames(state, [rule]);
  if ('kind' in plan || plan.collisions.length > 0 || plan.renamed.size !== names.length) return undefined;
  return names.every(([key, name]) => plan.renamed.get(findRow(state, key) ?? -1) === name) ? rule : undefined;
}
