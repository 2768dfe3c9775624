/** Entries as a tree of maps and lists again. */
import { StateglassError } from '../../base/errors.ts';
import type { PathPart } from '../../model/keys/key.ts';

/** One key of a map: texts and integers are told apart, as they are in the file. */
export interface Branch<Leaf> {
  readonly parts: readonly PathPart[];
  readonly children: Map<PathPart, Branch<Leaf> | Leaf>;
}

export interface Nested<Leaf> {
  readonly key: string;
  readonly parts: readonly PathPart[];
  readonly leaf: Leaf;
}

export class Tree<Leaf extends object> {
  readonly root: Branch<Leaf> = { parts: [], children: new Map() };
  private readonly branches = new WeakSet<object>([this.root]);

  /** @throws `bad-input` for a key that is used twice, or for an entry and for what holds others. */
  add({ key, parts, leaf }: Nested<Leaf>): void {
    let at = this.root;
    for (const [i, part] of parts.entries()) {
      const found = at.children.get(part);
      if (i === parts.length - 1) {
        if (found) throw taken(key);
        at.children.set(part, leaf);
      } else if (!found) {
        const next: Branch<Leaf> = { parts: parts.slice(0, i + 1), children: new Map() };
        this.branches.add(next);
        at.children.set(part, next);
        at = next;
      } else if (this.isBranch(found)) at = found;
      else throw taken(key);
    }
  }

  isBranch(one: Branch<Leaf> | Leaf): one is Branch<Leaf> {
    return this.branches.has(one);
  }
}

const taken = (key: string): StateglassError =>
  new StateglassError({
    kind: 'bad-input',
    detail: `${key} is an entry, and something else has its name or is inside it`,
  });
