import { chainOf, type Link } from '../chain.ts';
import { findFit, shapesToTry } from '../image-size.ts';
import { askLayout, imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { leavesOf } from '../module-parts.ts';
import { channelsInto, runNetwork } from '../network.ts';

/** What is offered where an image of any size will do. */
const ANY = 32;
const ANY_OF_RESNET = 224;

/** LeNet and VGG and what is made like them, or a ResNet: convolutions under names of their own, then linear layers. */
const networkLowering = (kind: 'CNN' | 'ResNet'): Lowering => ({
  kind,
  takes: (module, assume) => {
    const links = chainOf(module, assume);
    if (!links || links[0]!.role !== 'conv' || links.length < 2) return false;
    // With norms and no linear layer behind, it is more likely a part of a block.
    if (kind === 'CNN' && links.at(-1)!.role !== 'linear' && links.some(({ after }) => after.length > 0)) return false;
    return links.some(isResidual) === (kind === 'ResNet');
  },
  inputs: (module, assume, { build }) => {
    const links = chainOf(module, assume)!;
    const channels = channelsInto(links);
    const first = firstConv(links);
    const axes = first.kind === 'Conv1d' ? 1 : 2;
    const layout = askLayout(first, assume);
    const { shape } = findFit(module, links, shapesToTry(channels, axes, layout === 'nhwc'), assume, build);
    const isLarge = kind === 'ResNet' && (findTensor(first, 'weight')?.shape.at(-1) ?? 0) >= 7;
    const side = shape?.[layout === 'nhwc' ? 1 : 2] ?? (isLarge ? ANY_OF_RESNET : ANY);
    return [imageInput(channels, axes, Number(side), layout)];
  },
  lower: (module, { input }, assume, g) => {
    const links = chainOf(module, assume)!;
    const { habit } = findFit(module, links, [input!.shape], assume, () => g.apart());
    return { output: runNetwork(module, links, input!, habit, assume, g) };
  },
});

export const cnnLowering = networkLowering('CNN');
export const resNetLowering = networkLowering('ResNet');

const firstConv = (links: readonly Link[]): ModuleNode => leavesOf(links[0]!.module)[0]!;

/** Also a stage of residual blocks. */
const isResidual = ({ module }: Link): boolean =>
  leavesOf(module).some(({ kind }) => /^(BasicBlock|Bottleneck)$/.test(kind));
