/** Changes to what a pickle's dicts, lists and tuples hold. */
import { itemsOf, type PickleNode } from '../../bytes/pickle/nodes.ts';

export interface Pairs {
  readonly keys: PickleNode[];
  readonly values: PickleNode[];
}

/** Keys and values that are set on a dict, or on an object that is one. Undefined for what holds them in another way. */
export function pairsOf(node: PickleNode): Pairs | undefined {
  if (node.kind === 'dict') return node;
  if (node.kind !== 'reduce' && node.kind !== 'newobj') return undefined;
  // Python 2 gave an OrderedDict its items as arguments.
  if (itemsOf(node.args)?.some((arg) => arg.kind === 'list' || arg.kind === 'dict')) return undefined;
  node.dictKeys ??= [];
  node.dictValues ??= [];
  return { keys: node.dictKeys, values: node.dictValues };
}

/** What becomes of a pair. */
export interface PairEdit {
  readonly key?: PickleNode;
  readonly value?: PickleNode;
  readonly gone?: true;
}

/** Edits of pairs, all of a dict done at once: keys may change places, and half a million are gone through once. */
export class PairEdits {
  private readonly byHolder = new Map<PickleNode, Map<unknown, PairEdit>>();

  /** Whether the holder has pairs that can be changed. */
  add(holder: PickleNode, at: PickleNode, edit: PairEdit): boolean {
    if (!pairsOf(holder)) return false;
    const edits = this.byHolder.get(holder) ?? new Map<unknown, PairEdit>();
    this.byHolder.set(holder, edits);
    const id = idOf(at);
    edits.set(id, { ...edits.get(id), ...edit });
    return true;
  }

  /** Says which holders have lost a pair. */
  apply(): readonly PickleNode[] {
    const less: PickleNode[] = [];
    for (const [holder, edits] of this.byHolder) {
      const { keys, values } = pairsOf(holder) as Pairs;
      let kept = 0;
      for (let i = 0; i < keys.length; i++) {
        const edit = edits.get(idOf(keys[i]!));
        if (edit?.gone) continue;
        const [key, value] = [edit?.key ?? keys[i]!, edit?.value ?? values[i]!];
        keys[kept] = key;
        values[kept++] = value;
      }
      if (kept < keys.length) less.push(holder);
      keys.length = kept;
      values.length = kept;
    }
    this.byHolder.clear();
    return less;
  }
}

/** The same for a text or a number that is written twice. */
const idOf = (key: PickleNode): unknown =>
  key.kind === 'str' ? `s${key.value}` : key.kind === 'int' ? `i${key.value}` : key;
