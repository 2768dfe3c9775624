import { notRunnable } from '../build.ts';
import { applyUnit, kernelOf } from '../conv-unit.ts';
import { imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findInverted, guessActivation, guessStep, placeOfBlock, suggestEps } from '../mobile-blocks.ts';
import { add } from '../operators.ts';

/** A block of MobileNetV2, MobileNetV3 or EfficientNet. What goes in is added where it fits. */
export const invertedResidualLowering: Lowering = {
  kind: 'InvertedResidual',
  takes: (module) => {
    const block = findInverted(module);
    // One convolution is a block among others only.
    return block !== undefined && (block.units.length > 1 || placeOfBlock(block).isKnown);
  },
  inputs: (module) => [imageInput(findInverted(module)!.takes, 2, 16, 'nchw')],
  lower: (module, { input }, assume, g) => {
    const block = findInverted(module)!;
    const { units, excite, takes, gives } = block;
    const place = placeOfBlock(block);
    const activation = guessActivation(place);
    const spatial = units.find((unit) => kernelOf(unit) > 1) ?? units[0]!;
    assume.suggest(spatial.conv.path, 'stride', guessStep(block, place));
    let x = input!;
    units.forEach((unit, i) => {
      suggestEps(unit, place.blocks, assume);
      const isLast = i === units.length - 1;
      if (isLast && excite) x = g.apply(excite, x);
      x = applyUnit(unit, x, assume, g, isLast && i > 0 ? undefined : activation);
    });
    const stride = assume.made.find(({ path, name }) => path === spatial.conv.path && name === 'stride');
    if (takes !== gives || stride?.value !== 1) return { output: x };
    if (x.shape.join() !== input!.shape.join())
      throw notRunnable(
        module,
        `it is given ${input!.shape.join('×')} and its convolutions give ${x.shape.join('×')}`,
        `Correct padding of ${spatial.conv.name}`,
      );
    return { output: add(g, x, input!) };
  },
};
