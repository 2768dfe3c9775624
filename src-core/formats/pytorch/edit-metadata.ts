import { type CallNode, type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';
import type { MetaItem, StateDict } from '../../model/state-dict.ts';
import { dict, type NodeBuilder } from './build-nodes.ts';
import { PairEdits, pairsOf } from './edit-holders.ts';
import type { Graph } from './read-graph.ts';
import { refuse } from './refuse.ts';

const SECTION = '_metadata';

/**
 * Versions of modules, which a state dict has as an attribute.
 *
 * @throws `unsupported` for what stands elsewhere in the file.
 */
export function editMetadata(graph: Graph, before: StateDict, after: StateDict, build: NodeBuilder): void {
  const edits = new PairEdits();
  const [was, is] = [itemsBy(before), itemsBy(after)];
  for (const id of new Set([...was.keys(), ...is.keys()])) {
    const [old, item] = [was.get(id), is.get(id)];
    if (JSON.stringify(old?.value) === JSON.stringify(item?.value)) continue;
    const { section, key } = (item ?? old) as MetaItem;
    if (section !== SECTION) throw refuse(key, 'a PyTorch file has no place for metadata but versions of modules');
    const { modules, name } = findModules(graph, key, build);
    const value = item && build.json(item.value);
    if (item && !value) throw refuse(key, 'this value cannot be written');
    const pairs = pairsOf(modules);
    if (old) edits.add(modules, name, value ? { value } : { gone: true });
    else if (value) {
      pairs?.keys.push(name);
      pairs?.values.push(value);
    }
  }
  edits.apply();
}

const itemsBy = ({ metadata }: StateDict): ReadonlyMap<string, MetaItem> =>
  new Map(metadata.map((item) => [`${item.section}\n${item.key}`, item]));

/** The dict of versions that a key belongs to: of the innermost state dict that its path leads to. */
function findModules(graph: Graph, key: string, build: NodeBuilder): { modules: PickleNode; name: PickleNode } {
  let found: { node: CallNode; path: string } | undefined;
  for (const [node, [place]] of graph.holders) {
    if (node.kind !== 'reduce' || node.fn.kind !== 'global' || node.fn.name !== 'OrderedDict' || !place) continue;
    const isBelow = place.path === '' || key === place.path || key.startsWith(`${place.path}.`);
    if (isBelow && (!found || place.path.length > found.path.length)) found = { node, path: place.path };
  }
  if (!found) throw refuse(key, 'only an OrderedDict has metadata');
  const { node, path } = found;
  const name = build.text(path === '' ? key : key.slice(path.length + 1));
  for (const state of node.states ?? []) {
    const pairs = pairsOf(state);
    const at = pairs?.keys.findIndex((one) => textOf(one) === SECTION) ?? -1;
    const modules = pairs?.values[at];
    if (modules && pairsOf(modules)) return { modules, name };
  }
  const modules = build.orderedDict([]);
  node.states = [...(node.states ?? []), dict([[build.text(SECTION), modules]])];
  return { modules, name };
}
