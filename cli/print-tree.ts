import {
  type Document,
  dtypeLabel,
  labelOfNode,
  type ModuleTree,
  NO_SHAPE,
  NOT_AN_ENTRY,
  REPEAT_MIN,
  ROW_FLAG,
} from '../src-core/index.ts';

/** The module tree as indented lines: modules with kind and totals, alike blocks folded as `0 … 11 ×12`. */
export function printTree(document: Document, tree: ModuleTree, line: (text: string) => void): void {
  line(`${document.name}  ${compact(tree.params[0] ?? 0)} parameters, ${tree.entryCount} entries`);
  // The first of a run of alike blocks stands for all: after its inside, the rest of the run is passed over.
  const jumps = new Map<number, number>();
  for (let node = 1; node < tree.count; node = jumps.get(node) ?? node) {
    const times = tree.repeat[node] ?? 0;
    line(`${'  '.repeat(tree.depth[node] ?? 1)}${describeNode(tree, node, times)}`);
    if (times >= REPEAT_MIN) jumps.set(tree.end[node] ?? tree.count, endOfRun(tree, node, times));
    node++;
  }
}

function endOfRun(tree: ModuleTree, first: number, times: number): number {
  let node = first;
  for (let i = 0; i < times; i++) node = tree.end[node] ?? tree.count;
  return node;
}

function describeNode(tree: ModuleTree, node: number, times: number): string {
  const label = labelOfNode(tree, node);
  const parts: string[] = [];
  if (times >= REPEAT_MIN) parts.push(`${label} … ${Number(label) + times - 1}  ×${times}`);
  else parts.push(label);
  const kind = tree.kinds[tree.kind[node] ?? 0];
  if (kind) parts.push(kind);
  if (tree.entry[node] !== NOT_AN_ENTRY) {
    const dtype = tree.dtypes[(tree.dtype[node] ?? 0) - 1];
    const shape = tree.shape[node] === NO_SHAPE ? undefined : tree.shapes[tree.shape[node] ?? 0];
    if (dtype) parts.push(dtypeLabel(dtype));
    else if (((tree.flags[node] ?? 0) & ROW_FLAG.absent) !== 0) parts.push('absent');
    if (shape) parts.push(shape.length === 0 ? 'scalar' : shape.join('×'));
  } else parts.push(compact(tree.params[node] ?? 0));
  return parts.join('  ');
}

function compact(count: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(count);
}
