import type { Lowered } from '../../graph/lower-module.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import type { Document } from '../document.ts';
import { type LowerChoice, lowerChoice } from './describe-run.ts';
import type { RunFacts } from './facts.ts';

/** Choices kept of one outline. */
const KEPT = 8;

/** Modules as they were lowered: names and shapes decide it, so that an edit of values leaves it as it is. */
export class LoweredStore {
  /** By a column that trees of one outline share (see `refreshTree`). */
  private readonly byOutline = new WeakMap<object, Map<string, Lowered>>();

  /** @throws as `lowerChoice`. */
  lower(document: Document, tree: ModuleTree, choice: LowerChoice, facts: RunFacts): Lowered {
    const known = this.byOutline.get(tree.label) ?? new Map<string, Lowered>();
    this.byOutline.set(tree.label, known);
    const { node, corrections, shapes, cache } = choice;
    const key = JSON.stringify([node, corrections, shapes, cache, facts.config, facts.printed]);
    const lowered = known.get(key) ?? lowerChoice(document, tree, choice, facts);
    known.delete(key);
    known.set(key, lowered);
    if (known.size > KEPT) known.delete(known.keys().next().value!);
    return lowered;
  }
}
