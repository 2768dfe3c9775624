/** What of a module is a convolution, a linear layer, a norm: what composites of named or numbered layers are read by. */
import { findTensor, type ModuleNode, numberedChildren } from './module-node.ts';

export type Role = 'conv' | 'linear' | 'norm' | 'slope' | 'residual';

/** What goes into a layer and comes out of it: channels or features. */
export interface Ends {
  readonly takes: number;
  readonly gives: number;
}

/** What a module is among the layers of a network: of a sequence of layers, what its first is. Undefined for anything else. */
export function roleOf(module: ModuleNode): Role | undefined {
  if (/^Conv(Transpose)?[12]d$/.test(module.kind)) return 'conv';
  if (module.kind === 'Linear' || module.kind === 'Conv1D') return 'linear';
  if (/^(BatchNorm([123]d)?|GroupNorm|LayerNorm|Norm|RMSNorm)$/.test(module.kind)) return 'norm';
  if (module.kind === 'PReLU') return 'slope';
  if (module.kind === 'BasicBlock' || module.kind === 'Bottleneck') return 'residual';
  const first = leavesOf(module)[0];
  return first && first !== module ? roleOf(first) : undefined;
}

/** Layers of a sequence, in order, through sequences inside; the module itself where it is a layer. */
export function leavesOf(module: ModuleNode): readonly ModuleNode[] {
  const children = numberedChildren(module);
  if (children.length === 0 || children.length !== module.children.size || module.tensors.size > 0) return [module];
  return children.flatMap(([, child]) => leavesOf(child));
}

/** Whether a module is nothing but numbered layers. */
export const isSequence = (module: ModuleNode): boolean => leavesOf(module)[0] !== module;

/** Undefined where a shape does not tell, or layers do not fit on one another. */
export function endsOf(module: ModuleNode): Ends | undefined {
  if (isSequence(module)) {
    const ends = leavesOf(module).map(endsOf);
    const [first, last] = [ends[0], ends.at(-1)];
    return first && last && { takes: first.takes, gives: last.gives };
  }
  if (module.kind === 'BasicBlock' || module.kind === 'Bottleneck') {
    const convs = ['conv1', 'conv2', 'conv3'].flatMap((name) => module.children.get(name) ?? []);
    const [first, last] = [convs[0] && endsOf(convs[0]), convs.at(-1) && endsOf(convs.at(-1)!)];
    return first && last && { takes: first.takes, gives: last.gives };
  }
  const kernel = findTensor(module, 'kernel');
  const shape = findTensor(module, 'weight')?.shape ?? kernel?.shape;
  if (!shape) {
    const size = findTensor(module, 'running_mean', 'scale', 'mean', 'gamma')?.shape[0];
    return size === undefined ? undefined : { takes: size, gives: size };
  }
  if (shape.length === 1) return { takes: shape[0]!, gives: shape[0]! };
  if (kernel && shape === kernel.shape) return { takes: shape.at(-2)!, gives: shape.at(-1)! };
  if (module.kind.startsWith('ConvTranspose')) return { takes: shape[0]!, gives: shape[1]! };
  return isTransposed(module, shape) ? { takes: shape[0]!, gives: shape[1]! } : { takes: shape[1]!, gives: shape[0]! };
}

function isTransposed(module: ModuleNode, [rows, columns]: readonly number[]): boolean {
  const bias = findTensor(module, 'bias')?.shape[0];
  return (
    module.kind === 'Conv1D' ||
    module.children.has('weight') ||
    (bias !== undefined && rows !== columns && bias === columns)
  );
}

/** By the numbers in their names: `conv2` before `conv10`, whatever they are called. */
export const compareNames = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** The last number in a name: 2 of `bn2` and of `Conv_2`; undefined without one. */
export function numberIn(name: string): number | undefined {
  const found = /(\d+)\D*$/.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
}
