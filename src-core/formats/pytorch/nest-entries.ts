import { StateglassError } from '../../base/errors.ts';
import type { PickleNode } from '../../bytes/pickle/nodes.ts';
import type { KeyPath, PathPart } from '../../model/keys/key.ts';
import type { NodeInfo } from '../../model/state-dict.ts';
import { dict, int, list, type NodeBuilder, tuple } from './build-nodes.ts';

/** An entry that is to stand somewhere in nested dicts and lists. */
export interface NestedEntry {
  readonly key: string;
  readonly path: KeyPath;
  readonly node: PickleNode;
}

/** Keys are text, integers, or positions in a list. */
class Branch {
  readonly items = new Map<PathPart, Branch | PickleNode>();
  readonly path: string;
  isList = true;

  constructor(path: string) {
    this.path = path;
  }
}

/**
 * Nested dicts and lists as the paths of entries have them. A name taken apart at its dots is one key again; positions are a list
 * where none is missing, else integers of a dict.
 *
 * @throws `bad-input` for a key that is used twice, or for an entry and for what holds others.
 */
export function nestEntries(
  entries: readonly NestedEntry[],
  nodes: ReadonlyMap<string, NodeInfo>,
  build: NodeBuilder,
): PickleNode {
  const root = new Branch('');
  for (const { key, path, node } of entries) {
    const steps = stepsOf(path);
    let at = root;
    for (const [i, { part, isPosition }] of steps.entries()) {
      const found = at.items.get(part);
      if (!isPosition || part !== (found ? part : at.items.size)) at.isList = false;
      if (i === steps.length - 1) {
        if (found) throw taken(key);
        at.items.set(part, node);
      } else if (found === undefined) {
        const next = new Branch(at.path === '' ? String(part) : `${at.path}.${part}`);
        at.items.set(part, next);
        at = next;
      } else if (found instanceof Branch) at = found;
      else throw taken(key);
    }
  }
  return makeNode(root, nodes, build);
}

interface Step {
  readonly part: PathPart;
  readonly isPosition: boolean;
}

function stepsOf({ parts, kinds }: KeyPath): readonly Step[] {
  const steps: Step[] = [];
  let name: PathPart[] = [];
  const flush = () => {
    if (name.length > 0) steps.push({ part: name.join('.'), isPosition: false });
    name = [];
  };
  parts.forEach((part, i) => {
    if (kinds[i] === 'unknown' || kinds[i] === 'attr') {
      name.push(part);
      return;
    }
    flush();
    steps.push({ part, isPosition: kinds[i] === 'index' });
  });
  flush();
  return steps.length > 0 ? steps : [{ part: '', isPosition: false }];
}

function makeNode(branch: Branch, nodes: ReadonlyMap<string, NodeInfo>, build: NodeBuilder): PickleNode {
  const pairs = [...branch.items].map(([part, item]): readonly [PickleNode, PickleNode] => [
    typeof part === 'number' ? int(part) : build.text(part),
    item instanceof Branch ? makeNode(item, nodes, build) : item,
  ]);
  const container = nodes.get(branch.path)?.container;
  if (branch.isList && branch.items.size > 0) {
    const items = pairs.map(([, value]) => value);
    return container === 'tuple' ? tuple(items) : list(items);
  }
  return container === 'OrderedDict' ? build.orderedDict(pairs) : dict(pairs);
}

const taken = (key: string): StateglassError =>
  new StateglassError({
    kind: 'bad-input',
    detail: `${key} is an entry, and something else has its name or is inside it`,
  });
