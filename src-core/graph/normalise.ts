/** Norms that store a scale and a shift, and which of them is meant is not in the file: shared by their lowerings. */
import type { Assumptions, Guess } from './assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import { askLayout, inChannelsFirst, requireChannels } from './layout.ts';
import { findTensor, type ModuleNode } from './module-node.ts';
import { add, multiply, product, reshape } from './operators.ts';
import { printedNumbers } from './printed.ts';

const LAYER_EPS = ['layer_norm_eps', 'layer_norm_epsilon', 'norm_eps', 'norm_epsilon', 'layernorm_epsilon'];

/** The scale of a norm, by every name it has, and its shift. */
export const scaleOf = (module: ModuleNode) => findTensor(module, 'weight', 'scale', 'gamma', 'affine');
export const shiftOf = (module: ModuleNode) => findTensor(module, 'bias', 'beta');

/** What is added to a variance before its root. What is printed of the module, then the config, comes before the guess. */
export function askEps(
  module: ModuleNode,
  assume: Assumptions,
  configNames: readonly string[],
  guess: Guess<number>,
): number {
  const printed = printedNumbers(assume.printedAt(module.path), 'eps')?.[0];
  const configured = assume.configNumber(...configNames);
  const said: Guess<number> | undefined =
    printed !== undefined
      ? { value: printed, source: 'file', why: 'the printed model says so' }
      : configured !== undefined
        ? { value: configured, source: 'file', why: 'the config says so' }
        : undefined;
  return assume.ask(module.path, 'eps', said ?? guess);
}

/** Over the last axes, as many as the scale has. */
export function lowerLayerNorm(module: ModuleNode, input: Value, assume: Assumptions, g: GraphBuilder): Value {
  const scale = scaleOf(module)!;
  const shift = shiftOf(module);
  const over = input.shape.slice(-scale.shape.length);
  if (over.join() !== scale.shape.join())
    throw notRunnable(
      module,
      `it normalises ${scale.shape.join('×')} features and is given ${over.join('×')}`,
      'Correct what stands before it',
    );
  const eps = askEps(module, assume, LAYER_EPS, guessLayerEps(module));
  return g.emit('LayerNormalization', [input, g.weight(scale), shift && g.weight(shift)], input.shape, {
    axis: { int: -scale.shape.length },
    epsilon: { float: eps },
  });
}

function guessLayerEps(module: ModuleNode): Guess<number> {
  if (module.name === 'LayerNorm') return { value: 1e-12, source: 'name', why: 'BERT calls its norms LayerNorm' };
  if (/^layer_normalization(_\d+)?$/.test(module.name))
    return { value: 1e-3, source: 'name', why: 'Keras calls its norms so, and adds 1e-3' };
  if (findTensor(module, 'scale')) return { value: 1e-6, source: 'name', why: 'Flax, which calls it scale, adds 1e-6' };
  return { value: 1e-5, source: 'default', why: 'PyTorch adds 1e-5' };
}

/** Over each group of channels. */
export function lowerGroupNorm(module: ModuleNode, input: Value, assume: Assumptions, g: GraphBuilder): Value {
  const scale = scaleOf(module)!;
  const shift = shiftOf(module);
  const channels = scale.shape[0]!;
  const layout = askLayout(module, assume);
  requireChannels(module, input, layout, channels);
  const groups = askGroups(module, channels, assume);
  const eps = askEps(module, assume, ['norm_eps', 'norm_epsilon', 'layer_norm_eps'], {
    value: 1e-5,
    source: 'default',
    why: 'PyTorch adds 1e-5',
  });
  const filled = (value: number) =>
    g.constant(
      'f32',
      [groups],
      Array.from({ length: groups }, () => value),
    );
  return inChannelsFirst(g, input, layout, (x) => {
    const [batch, , ...axes] = x.shape;
    const grouped = reshape(g, x, [batch!, groups, product([channels / groups, ...axes])]);
    const normal = g.emit('InstanceNormalization', [grouped, filled(1), filled(0)], grouped.shape, {
      epsilon: { float: eps },
    });
    const perChannel = (value: Value) => reshape(g, value, [channels, ...axes.map(() => 1)]);
    const scaled = multiply(g, reshape(g, normal, x.shape), perChannel(g.weight(scale)));
    return shift ? add(g, scaled, perChannel(g.weight(shift))) : scaled;
  });
}

function askGroups(module: ModuleNode, channels: number, assume: Assumptions): number {
  const choices = Array.from({ length: channels }, (_, i) => i + 1).filter((groups) => channels % groups === 0);
  const printed = printedNumbers(assume.printedAt(module.path), 'num_groups', 0)?.[0];
  const said = printed ?? assume.configNumber('norm_num_groups', 'num_groups', 'resnet_groups');
  if (said !== undefined && choices.includes(said)) {
    const why = printed === undefined ? 'the config says so' : 'the printed model says so';
    return assume.ask(module.path, 'groups', { value: said, source: 'file', why, choices });
  }
  // As most have; a group of one channel would be another norm.
  const value = [32, 16, 8, 4, 2].find((groups) => channels % groups === 0 && channels > groups) ?? 1;
  const why = value === 32 ? '32 groups are usual' : `${channels} channels are divided by ${value}`;
  return assume.ask(module.path, 'groups', { value, source: 'default', why, choices });
}
