import { guessFamily } from '../../model/family.ts';
import { labelTexts } from '../../model/labels.ts';
import { type ModuleTree, NOT_AN_ENTRY } from '../../model/module-tree.ts';
import type { EntryColumns, EntryId, Problem } from '../../model/state-dict.ts';
import { buildTree } from '../../model/tree.ts';
import type { Document } from '../document.ts';
import type { ModelConfig } from '../read-config.ts';
import { findSequences, type Sequence } from './sequences.ts';

/** What a rule looks at. Columns and tree hold half a million entries without an object for each. */
export interface HealthFacts {
  readonly document: Document;
  readonly columns: EntryColumns;
  readonly tree: ModuleTree;
  /** By label id of the tree. */
  readonly labels: readonly string[];
  /** Numbered modules that stand side by side; inner ones before those around them. */
  readonly sequences: readonly Sequence[];
  /** What the model's `config.json` says, where there is one. */
  readonly config: ModelConfig | undefined;
  /** Shards are missing or cannot be read, which their reader has told: what they hold is not missed once more. */
  readonly isPartial: boolean;
  /** A delta of a model (a LoRA adapter): layers may be left out. */
  readonly isAdapter: boolean;
}

/** A rule is pure: facts in, problems out. */
export type Rule = (facts: HealthFacts) => Iterable<Problem>;

/** What a document's entries were laid out as. */
export interface Laid {
  readonly columns: EntryColumns;
  readonly tree: ModuleTree;
}

export function gatherFacts(document: Document, config: ModelConfig | undefined, laid?: Laid): HealthFacts {
  const columns = laid?.columns ?? document.state.entries.columns();
  const tree = laid?.tree ?? buildTree(columns, { name: document.name });
  return {
    document,
    columns,
    tree,
    labels: labelTexts(tree),
    sequences: findSequences(tree),
    config,
    isPartial: document.state.problems.some(({ code }) => code === 'missing-shard' || code === 'bad-shard'),
    isAdapter: guessFamily(columns, tree)?.name === 'LoRA adapter',
  };
}

/** The first entry at or below a node: where a click on a problem of a module goes. */
export function firstEntry(tree: ModuleTree, node: number): EntryId | undefined {
  for (let at = node; at < tree.end[node]!; at++) if (tree.entry[at] !== NOT_AN_ENTRY) return tree.entry[at];
  return undefined;
}

/** The node at a dotted path below another; that one itself for ''. */
export function findBelow(tree: ModuleTree, from: number, path: string): number | undefined {
  const texts = labelTexts(tree);
  let node = from;
  for (const part of path === '' ? [] : path.split('.')) {
    let child = node + 1;
    while (child < tree.end[node]! && texts[tree.label[child]!] !== part) child = tree.end[child]!;
    if (child >= tree.end[node]!) return undefined;
    node = child;
  }
  return node;
}
