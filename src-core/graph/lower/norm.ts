import type { Assumptions, Guess } from '../assumptions.ts';
import type { Dim } from '../graph.ts';
import { imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import type { ModuleNode } from '../module-node.ts';
import { lowerGroupNorm, lowerLayerNorm, scaleOf } from '../normalise.ts';

/** A scale and a shift beside convolutions: a LayerNorm and a GroupNorm store the same. */
export const normLowering: Lowering = {
  kind: 'Norm',
  takes: (module) => module.kind === 'Norm' && scaleOf(module)?.shape.length === 1,
  inputs: (module, assume) => {
    const size = scaleOf(module)!.shape[0]!;
    if (askKind(module, assume) === 'GroupNorm') return [imageInput(size, 2, 8, 'nchw')];
    return [{ name: 'input', dtype: 'f32', meaning: 'features', dims: [{ size: 1, free: 'batch' }, { size }] }];
  },
  lower: (module, { input }, assume, g) => {
    const lower = askKind(module, assume, input!.shape) === 'GroupNorm' ? lowerGroupNorm : lowerLayerNorm;
    return { output: lower(module, input!, assume, g) };
  },
};

const CHOICES = ['LayerNorm', 'GroupNorm'] as const;

/** The shape that is given tells which of the two fits, unless both do. */
function askKind(module: ModuleNode, assume: Assumptions, given?: readonly Dim[]): 'LayerNorm' | 'GroupNorm' {
  const size = scaleOf(module)!.shape[0];
  const isLast = given?.at(-1) === size;
  const isSecond = given !== undefined && given.length > 2 && given[1] === size;
  const ask = (value: (typeof CHOICES)[number], source: Guess<string>['source'], why: string) =>
    assume.ask<(typeof CHOICES)[number]>(module.path, 'kind', { value, source, why, choices: CHOICES });
  if (isLast && !isSecond)
    return ask('LayerNorm', 'shape', `the last axis of what it is given has its ${size} features`);
  if (isSecond && !isLast) return ask('GroupNorm', 'shape', `what it is given has its ${size} channels`);
  // Of a printed model the class is known.
  const printed = CHOICES.find((kind) => kind === assume.printedAt(module.path)?.type);
  if (printed) return ask(printed, 'file', 'the printed model says so');
  if (/\d$/.test(module.name)) return ask('GroupNorm', 'name', 'numbered norms beside convolutions are of groups');
  return ask('LayerNorm', 'default', 'LayerNorm is the more usual of the two that store the same');
}
