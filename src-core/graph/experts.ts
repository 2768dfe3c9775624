/** Finds and computes a mixture of experts: a router chooses few of many MLPs for each token, and says what each counts. */
import type { Assumptions, Guess } from './assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import { askGate, computeGated, findGated, type Gated, openGate, partsOfGated } from './feed-forward.ts';
import { findChild, findTensor, type ModuleNode, type ModuleTensor, numberedChildren } from './module-node.ts';
import { add, linear, matmul, multiply, product, reshape, slice, split, transpose, unary } from './operators.ts';
import { routeTokens } from './router.ts';

export interface Experts {
  /** Gives a number for each expert. */
  readonly router: ModuleNode;
  readonly experts: { readonly each: readonly ModuleNode[] } | { readonly stacked: Stacked };
  /** What every token goes through besides, and what that counts, where it is said. */
  readonly shared?: { readonly module: ModuleNode } | { readonly gated: Gated };
  readonly sharedGate?: ModuleNode;
}

/** Matrices of all experts as one tensor: [experts, out, in]. */
export interface Stacked {
  /** Of gates alone, or of gates and what they gate, one half each. */
  readonly gate: ModuleTensor;
  readonly up?: ModuleTensor;
  readonly down: ModuleTensor;
}

/** Undefined where there are none, or one of them has other names. */
export function findExperts(module: ModuleNode): Experts | undefined {
  const lying = findLying(module);
  if (lying) return lying;
  const router = findChild(module, 'gate');
  const inside = findChild(module, 'experts');
  if (!router || !inside || findTensor(router, 'weight')?.shape.length !== 2) return undefined;
  const each = numberedChildren(inside).map(([, expert]) => expert);
  const stacked = stackOf((name) => inside.tensors.get(name), ['gate_up_proj', 'gate_proj'], 'up_proj', 'down_proj');
  const isEach = each.length > 0 && each.length === inside.children.size && each.every(findGated);
  if (!isEach && !stacked) return undefined;
  const [shared, sharedGate] = [findChild(module, 'shared_expert'), findChild(module, 'shared_expert_gate')];
  return {
    router,
    experts: isEach ? { each } : { stacked: stacked! },
    ...(shared && { shared: { module: shared } }),
    ...(sharedGate && { sharedGate }),
  };
}

/** As GGUF files have them: in the block itself. */
function findLying(module: ModuleNode): Experts | undefined {
  const [router, sharedGate] = [findChild(module, 'ffn_gate_inp'), findChild(module, 'ffn_gate_inp_shexp')];
  const tensorOf = (name: string): ModuleTensor | undefined => findChild(module, name)?.tensors.get('weight');
  const stacked = stackOf(tensorOf, ['ffn_gate_up_exps', 'ffn_gate_exps'], 'ffn_up_exps', 'ffn_down_exps');
  if (!router || !stacked || findTensor(router, 'weight')?.shape.length !== 2) return undefined;
  const [gate, up, down] = ['gate', 'up', 'down'].map((name) => findChild(module, `ffn_${name}_shexp`));
  return {
    router,
    experts: { stacked },
    ...(gate && up && down && { shared: { gated: { gate, up, down } } }),
    ...(sharedGate && { sharedGate }),
  };
}

function stackOf(
  find: (name: string) => ModuleTensor | undefined,
  gates: readonly string[],
  upName: string,
  downName: string,
): Stacked | undefined {
  const gate = gates.map(find).find((tensor) => tensor?.shape.length === 3);
  const [up, down] = [find(upName), find(downName)];
  if (!gate || down?.shape.length !== 3) return undefined;
  return { gate, down, ...(up && { up }) };
}

/** Modules and tensors of it. Of a router only those that are used: some choose in other ways, by tensors of their own. */
export function partsOfExperts({ router, experts, shared, sharedGate }: Experts): readonly { readonly path: string }[] {
  const tensors = [findTensor(router, 'weight'), findTensor(router, 'bias')];
  const inExperts = 'each' in experts ? experts.each : Object.values<ModuleTensor>({ ...experts.stacked });
  const inShared = shared && ('module' in shared ? [shared.module] : partsOfGated(shared.gated));
  return [...tensors, ...inExperts, ...(inShared ?? []), sharedGate].filter((part) => part !== undefined);
}

/** Features that it takes. */
export const featuresOf = ({ router }: Experts): number => findTensor(router, 'weight')!.shape[1]!;

/**
 * Every expert computes every token, and those that were not chosen count nothing: exact, and as much work as all experts are.
 *
 * @param x [..., features]
 * @throws `not-runnable`
 */
export function computeExperts(
  module: ModuleNode,
  { router, experts, shared, sharedGate }: Experts,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const rows = product(x.shape.slice(0, -1));
  const tokens = reshape(g, x, [rows, x.shape.at(-1)!]);
  const shares = routeTokens(module, g.apply(router, tokens), guessNormalised(module, sharedGate), assume, g);
  let mixed =
    'each' in experts
      ? runEach(experts.each, tokens, shares, g)
      : runStacked(module, experts.stacked, tokens, shares, assume, g);
  const inside = findChild(module, 'experts');
  if (inside) g.tap(inside.path, mixed);
  if (shared) {
    const given =
      'module' in shared ? g.apply(shared.module, tokens) : computeGated(module, shared.gated, tokens, assume, g);
    mixed = add(g, mixed, sharedGate ? multiply(g, given, openShared(sharedGate, tokens, g)) : given);
  }
  return reshape(g, mixed, x.shape);
}

/** Weights do not tell whether what the chosen count adds up to 1. */
function guessNormalised(module: ModuleNode, sharedGate: ModuleNode | undefined): Guess<boolean> {
  if (sharedGate)
    return { value: false, source: 'name', why: 'Qwen 2, whose shared expert has a gate, takes shares as they are' };
  if (module.name === 'block_sparse_moe') return { value: true, source: 'name', why: 'in Mixtral they add up to 1' };
  return { value: true, source: 'default', why: 'in most models they add up to 1' };
}

function runEach(experts: readonly ModuleNode[], tokens: Value, shares: Value, g: GraphBuilder): Value {
  return experts
    .map((expert, i) => multiply(g, g.apply(expert, tokens), slice(g, shares, 1, i, i + 1)))
    .reduce((sum, given) => add(g, sum, given));
}

/** Tokens are columns meanwhile, so that the matrices are used as they are stored: [experts, features, tokens]. */
function runStacked(
  module: ModuleNode,
  { gate, up, down }: Stacked,
  tokens: Value,
  shares: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const [rows, features] = tokens.shape as [Value['shape'][number], number];
  const [count, width] = down.shape[1] === features ? [down.shape[0]!, down.shape[2]!] : [0, 0];
  const gates = (up ? 1 : 2) * width;
  if (gate.shape.join() !== [count, gates, features].join())
    throw notRunnable(
      module,
      `its experts lie as ${gate.shape.join('×')} and ${down.shape.join('×')}, not as [experts, out, in]`,
      'Transpose them by an edit',
    );
  const columns = transpose(g, tokens, [1, 0]);
  const both = matmul(g, g.weight(gate), columns);
  const [gated, raised] = up
    ? [both, matmul(g, g.weight(up), columns)]
    : (split(g, both, 1, [width, width]) as [Value, Value]);
  const given = matmul(g, g.weight(down), openGate(g, askGate(module, assume), gated, raised));
  const counted = multiply(g, given, reshape(g, transpose(g, shares, [1, 0]), [count, 1, rows]));
  const axis = g.constant('i64', [1], [0]);
  return transpose(g, g.emit('ReduceSum', [counted, axis], [features, rows], { keepdims: { int: 0 } }), [1, 0]);
}

/** [tokens, 1]: what the shared expert counts. GGUF files keep the one row of its gate as a vector. */
function openShared(gate: ModuleNode, tokens: Value, g: GraphBuilder): Value {
  const weight = findTensor(gate, 'weight');
  if (weight?.shape.length !== 1) return unary(g, 'Sigmoid', g.apply(gate, tokens));
  return unary(g, 'Sigmoid', linear(g, tokens, reshape(g, g.weight(weight), [1, weight.shape[0]!])));
}
