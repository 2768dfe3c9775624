import { ModuleFacts } from './kind-facts.ts';
import { KIND_RULES, kindCode, MODULE_KINDS, type ModuleKind } from './kind-rules.ts';
import type { ModuleTree } from './module-tree.ts';
import { NO_SHAPE } from './state-dict.ts';
import type { BareTree } from './tree-totals.ts';

export { MODULE_KINDS, type ModuleKind } from './kind-rules.ts';

const RULE_CODES = KIND_RULES.map((rule) => kindCode(rule.kind));
const CODE = {
  linear: kindCode('Linear'),
  transposed: kindCode('Conv1D'),
  batchNorm: kindCode('BatchNorm'),
  layerNorm: kindCode('LayerNorm'),
  norm: kindCode('Norm'),
};
/** Dimensions a BatchNorm has behind a layer of that kind. */
const NORM_DIMS: ReadonlyMap<number, 1 | 2 | 3> = new Map([
  [kindCode('Linear'), 1],
  [kindCode('Conv1d'), 1],
  [kindCode('ConvTranspose1d'), 1],
  [kindCode('Conv2d'), 2],
  [kindCode('ConvTranspose2d'), 2],
  [kindCode('Conv3d'), 3],
  [kindCode('ConvTranspose3d'), 3],
]);
const BATCH_NORMS = [0, kindCode('BatchNorm1d'), kindCode('BatchNorm2d'), kindCode('BatchNorm3d')];

/**
 * What each module is, from the names and shapes of its children alone: a guess, and often the only one a flat file allows.
 * Modules are judged from the leaves up, then those that only their neighbours tell apart are looked at again.
 */
export function kindsOf(tree: BareTree): Uint16Array<ArrayBuffer> {
  const kind = new Uint16Array(tree.count);
  const facts = new ModuleFacts(tree, kind, MODULE_KINDS);
  const known = new Map<number, number>();
  const parentsToRefine = new Set<number>();
  for (let node = tree.count - 1; node >= 0; node--) {
    if (tree.end[node] === node + 1) continue;
    const signature = facts.signature(node);
    let code = known.get(signature);
    if (code === undefined) {
      facts.look(node);
      code = RULE_CODES[KIND_RULES.findIndex((rule) => rule.holds(facts))] ?? 0;
      known.set(signature, code);
    }
    kind[node] = code;
    if (code === CODE.batchNorm || code === CODE.layerNorm || code === CODE.transposed) {
      parentsToRefine.add(tree.parent[node]!);
    }
  }
  for (const parent of parentsToRefine) refineChildren(tree, kind, parent, facts);
  return kind;
}

/** Tells apart children of one module that look alike by themselves, by what stands beside them. */
function refineChildren(tree: BareTree, kind: Uint16Array, parent: number, facts: ModuleFacts): void {
  /** Dimensions of the layer with that many features; 0 when layers differ. */
  const dimsOfFeatures = new Map<number, 0 | 1 | 2 | 3>();
  let hasConv = false;
  let hasTransposed = false;
  const stop = tree.end[parent]!;
  for (let child = parent + 1; child < stop; child = tree.end[child]!) {
    const dims = NORM_DIMS.get(kind[child]!);
    hasTransposed ||= kind[child] === CODE.transposed;
    hasConv ||= dims !== undefined && kind[child] !== CODE.linear;
    if (dims === undefined) continue;
    for (const size of featuresOf(tree, child, facts)) {
      const known = dimsOfFeatures.get(size);
      dimsOfFeatures.set(size, known === undefined || known === dims ? dims : 0);
    }
  }
  let before: { dims: 1 | 2 | 3; features: readonly number[] } | undefined;
  for (let child = parent + 1; child < stop; child = tree.end[child]!) {
    const code = kind[child]!;
    const dims = NORM_DIMS.get(code);
    const label = tree.label[child]!;
    // What stands before means something among numbered layers; names are sorted by letters.
    if (dims !== undefined && facts.isNumbered(label)) before = { dims, features: featuresOf(tree, child, facts) };
    if (code === CODE.batchNorm) {
      const size = featuresOf(tree, child, facts)[0] ?? -1;
      const found = before?.features[0] === size ? before.dims : dimsOfFeatures.get(size);
      if (found) kind[child] = BATCH_NORMS[found]!;
    } else if (code === CODE.layerNorm && hasConv && !facts.isNamed(label, 'layerNorm')) {
      // Beside convolutions it may as well be a GroupNorm, which stores the same.
      kind[child] = CODE.norm;
    } else if (code === CODE.linear && hasTransposed && facts.isNamed(label, 'transposable')) {
      // A square matrix does not say which way it lies; its neighbours do.
      kind[child] = CODE.transposed;
    }
  }
}

/** Leading sizes of the widest tensor of a layer: out, then in features. */
function featuresOf(tree: BareTree, module: number, facts: ModuleFacts): readonly number[] {
  let widest: readonly number[] = [];
  for (let child = module + 1; child < tree.end[module]!; child = tree.end[child]!) {
    const index = tree.shape[facts.holdsValue(child) ? child + 1 : child]!;
    const shape = index === NO_SHAPE ? undefined : tree.shapes[index];
    if (shape && shape.length > widest.length) widest = shape;
  }
  return widest.slice(0, 2);
}

const WHY_REFINED: Partial<Record<ModuleKind, string>> = {
  Conv1D: 'the layers beside it are Conv1D layers of GPT-2, stored transposed',
  Norm: 'it holds a scale and a shift, and stands beside convolutions: LayerNorm and GroupNorm store the same',
  BatchNorm1d: 'it holds a running mean and variance, and fits the linear or 1-D layer beside it',
  BatchNorm2d: 'it holds a running mean and variance, and fits the 2-D convolution beside it',
  BatchNorm3d: 'it holds a running mean and variance, and fits the 3-D convolution beside it',
};

/** What the module `node` is taken for and why: the end of "taken for a … because …". Undefined when nothing is known. */
export function explainKind(tree: ModuleTree, node: number): { kind: ModuleKind; why: string } | undefined {
  const code = tree.kind[node] ?? 0;
  if (code === 0) return undefined;
  const kind = MODULE_KINDS[code] as ModuleKind;
  const facts = new ModuleFacts(tree, tree.kind, MODULE_KINDS);
  facts.look(node);
  const rule = KIND_RULES.find((candidate) => candidate.kind === kind && candidate.holds(facts));
  return { kind, why: rule?.why ?? WHY_REFINED[kind] ?? 'of what it holds' };
}
