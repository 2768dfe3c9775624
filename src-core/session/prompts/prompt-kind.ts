import { labelOfNode, pathOfNode } from '../../model/labels.ts';
import { type ModuleTree, NO_TYPE } from '../../model/module-tree.ts';
import { type Dialect, VALUE_ORDER } from '../../model/state-dict.ts';
import { MSGFLUX_PARTS } from '../../template/msgflux-prompt.ts';

/** What says something to a model: an agent of msgflux, a predictor of DSPy, or texts by names that say so. */
export type PromptKind = 'msgflux agent' | 'DSPy predictor' | 'prompts';

/** Child nodes by name. Cheap: it looks at the module's own children alone. */
export function childrenOf(tree: ModuleTree, node: number): ReadonlyMap<string, number> {
  const children = new Map<string, number>();
  for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!)
    children.set(labelOfNode(tree, child), child);
  return children;
}

/** A module with more children is a table, not a prompt. */
const MOST_CHILDREN = 1000;

/** By names alone; undefined for what says nothing to a model. */
export function promptKindOf(tree: ModuleTree, node: number, dialect: Dialect): PromptKind | undefined {
  if (tree.end[node] === node + 1 || tree.params[node]! > 0 || tree.siblings[node + 1]! > MOST_CHILDREN)
    return undefined;
  const children = childrenOf(tree, node);
  // An agent keeps them all; one name alone may be anybody's.
  if (dialect === 'msgflux' && MSGFLUX_PARTS.filter((name) => children.has(name)).length > 1) return 'msgflux agent';
  const signature = dialect === 'dspy' && children.has('demos') ? children.get('signature') : undefined;
  if (signature !== undefined && childrenOf(tree, signature).has('instructions')) return 'DSPy predictor';
  // Parts of an agent or a predictor say nothing by themselves.
  if (dialect !== 'generic') return undefined;
  return [...children].some(([name, child]) => isText(tree, child) && roleOf(name) !== undefined)
    ? 'prompts'
    : undefined;
}

const TEXT = VALUE_ORDER.indexOf('text');
export const isText = (tree: ModuleTree, node: number): boolean =>
  tree.type[node] !== NO_TYPE && tree.type[node] === TEXT;

const ROLES = [
  ['system', /system|instruction|persona/i],
  ['assistant', /assistant|prefill/i],
  ['user', /prompt|template|user|message|question|task|query/i],
] as const;

/** Whose words a text is by its name; undefined where the name says nothing. */
export const roleOf = (name: string): (typeof ROLES)[number][0] | undefined =>
  ROLES.find(([, pattern]) => pattern.test(name))?.[0];

export interface ListedPrompt {
  readonly node: number;
  readonly path: string;
  readonly kind: PromptKind;
}

/** Modules inside one that say something to a model, in tree order. */
export function listPrompts(tree: ModuleTree, node: number, dialect: Dialect, most = Number.POSITIVE_INFINITY) {
  const found: ListedPrompt[] = [];
  for (let inner = node + 1; inner < tree.end[node]! && found.length < most; inner++) {
    const kind = promptKindOf(tree, inner, dialect);
    if (kind) found.push({ node: inner, path: pathOfNode(tree, inner), kind });
  }
  return found;
}
