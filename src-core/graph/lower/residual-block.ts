import type { Assumptions, Guess } from '../assumptions.ts';
import { applyActivation } from '../between-layers.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { refuseRest } from '../known-parts.ts';
import { askLayout, imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, type ModuleNode } from '../module-node.ts';
import { endsOf, leavesOf } from '../module-parts.ts';
import { add } from '../operators.ts';

/** Convolutions with norms, and what went in added to what comes out: of ResNet-18 two, of ResNet-50 three. */
const residualLowering = (kind: 'BasicBlock' | 'Bottleneck'): Lowering => ({
  kind,
  takes: (module) => module.kind === kind && layersOf(module).every(({ conv, norm }) => endsOf(conv) && endsOf(norm)),
  inputs: (module, assume) => {
    const { conv } = layersOf(module)[0]!;
    return [imageInput(endsOf(conv)!.takes, 2, 16, askLayout(conv, assume))];
  },
  lower: (module, { input }, assume, g) => {
    const layers = layersOf(module);
    const shortcut = findChild(module, 'downsample', 'shortcut', 'skip');
    refuseRest(module, [...layers.flatMap(({ conv, norm }) => [conv, norm]), ...(shortcut ? [shortcut] : [])]);
    const widening = layers[kind === 'Bottleneck' ? 1 : 0]!.conv;
    if (shortcut) assume.suggest(widening.path, 'stride', guessStride(module, kind));
    const isNormFirst = askOrder(module, assume);
    const activated = (x: Value) => applyActivation(module.path, x, assume, g, assume.printedAt(module.path));
    let x = input!;
    // Where the norm comes first, the shortcut takes what it gives.
    let start = x;
    layers.forEach(({ conv, norm }, i) => {
      if (isNormFirst) {
        x = activated(g.apply(norm, x));
        if (i === 0 && shortcut) start = x;
        x = g.apply(conv, x);
      } else {
        x = g.apply(norm, g.apply(conv, x));
        if (i < layers.length - 1) x = activated(x);
      }
    });
    const kept = shortcut ? takeShortcut(shortcut, widening, start, assume, g) : start;
    if (kept.shape.join() !== x.shape.join())
      throw notRunnable(
        module,
        `its shortcut gives ${kept.shape.join('×')} and its convolutions ${x.shape.join('×')}`,
        `Correct stride of ${widening.name}`,
      );
    const sum = add(g, x, kept);
    return { output: isNormFirst ? sum : activated(sum) };
  },
});

export const residualLowerings: readonly Lowering[] = [residualLowering('BasicBlock'), residualLowering('Bottleneck')];

interface Layer {
  readonly conv: ModuleNode;
  readonly norm: ModuleNode;
}

const layersOf = (module: ModuleNode): readonly Layer[] =>
  [1, 2, 3].flatMap((number) => {
    const conv = module.children.get(`conv${number}`);
    const norm = module.children.get(`bn${number}`);
    return conv && norm ? [{ conv, norm }] : [];
  });

/** A shortcut with a convolution halves the image, unless it is only there for more channels: in the first stage of ResNet-50. */
function guessStride(module: ModuleNode, kind: 'BasicBlock' | 'Bottleneck'): Guess<number> {
  const layers = layersOf(module);
  const [takes, gives] = [endsOf(layers[0]!.conv)!.takes, endsOf(layers.at(-1)!.conv)!.gives];
  if (kind === 'Bottleneck' && gives >= 4 * takes)
    return { value: 1, source: 'shape', why: 'its shortcut is for more channels, as in the first stage of ResNet-50' };
  return { value: 2, source: 'shape', why: 'it has a shortcut of its own, as where a ResNet halves the image' };
}

/** Goes in the same steps as the convolutions beside it. */
function takeShortcut(
  shortcut: ModuleNode,
  widening: ModuleNode,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const conv = leavesOf(shortcut).find(({ kind }) => kind === 'Conv2d');
  const stride = assume.made.find(({ path, name }) => path === widening.path && name === 'stride');
  if (conv && stride)
    assume.suggest(conv.path, 'stride', {
      value: stride.value,
      source: 'shape',
      why: `${widening.name} goes by as much`,
    });
  return g.apply(shortcut, x);
}

function askOrder(module: ModuleNode, assume: Assumptions): boolean {
  const { conv, norm } = layersOf(module)[0]!;
  const { takes, gives } = endsOf(conv)!;
  const size = endsOf(norm)!.takes;
  const choices = [false, true];
  const guess: Guess<boolean> =
    takes === gives || size === gives
      ? {
          value: false,
          source: takes === gives ? 'default' : 'shape',
          why: 'its norms stand behind its convolutions',
          choices,
        }
      : { value: true, source: 'shape', why: `${norm.name} has the ${size} channels that ${conv.name} takes`, choices };
  return assume.ask(module.path, 'norm_first', guess);
}
