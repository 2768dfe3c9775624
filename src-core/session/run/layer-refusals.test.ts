import { expect, test } from 'vitest';
import type { AssumedValue, AssumptionName } from '../../graph/assumptions.ts';
import { type LowerOptions, lowerModule } from '../../graph/lower-module.ts';
import { openShapes, type Shapes } from './open-shapes.fixture.ts';

const correct = (name: AssumptionName, value: AssumedValue, path?: string): LowerOptions => ({
  corrections: [{ name, value, ...(path !== undefined && { path }) }],
});
const of = (shape: readonly number[]): LowerOptions => ({ shapes: { input: shape } });
const conv: Shapes = { 'c.weight': [8, 4, 3, 3], 'c.bias': [8] };
const convolved = (at: string, i: number): Shapes => ({
  [`${at}.conv${i}.weight`]: [8, 8, 3, 3],
  ...Object.fromEntries(['weight', 'bias', 'running_mean', 'running_var'].map((name) => [`${at}.bn${i}.${name}`, [8]])),
});
const vgg: Shapes = {
  'features.0.weight': [8, 3, 3, 3],
  'features.0.bias': [8],
  'classifier.0.weight': [5, 128],
  'classifier.0.bias': [5],
};

test.each<[string, Shapes, string, LowerOptions, string]>([
  ['an image of other channels', conv, 'c', of([1, 3, 8, 8]), 'it takes 4 channels on 4 axes and is given 1×3×8×8'],
  [
    'a window larger than the image',
    conv,
    'c',
    { ...of([1, 4, 2, 2]), ...correct('padding', 0) },
    'its window does not fit in 1×4×2×2',
  ],
  ['no step', conv, 'c', correct('stride', 0), 'its stride is 0. Give it 1 or more'],
  ['sizes for other axes', conv, 'c', correct('stride', '1x2x3'), 'its stride has 3 sizes for 2 axes'],
  [
    'a norm of other features',
    { 'ln.weight': [8], 'ln.bias': [8] },
    'ln',
    of([2, 6]),
    'it normalises 8 features and is given 6',
  ],
  [
    'an image that ends too large',
    vgg,
    '',
    { ...of([1, 3, 64, 64]), ...correct('pool', 'none') },
    'it takes 128 numbers, and 8×64×64 are 32768',
  ],
  [
    'a pair that does not fit',
    { 'q.lora_A.weight': [4, 8], 'q.lora_B.weight': [8, 2] },
    'q',
    {},
    'A gives 4 numbers and B takes 2',
  ],
  [
    'experts, which are not run in order',
    { 'experts.0.weight': [8, 8], 'experts.1.weight': [8, 8] },
    'experts',
    {},
    'Choose a module inside it',
  ],
  [
    'two networks beside each other',
    { 'actor.0.weight': [4, 4], 'actor.2.weight': [4, 4], 'critic.0.weight': [4, 4], 'critic.2.weight': [1, 4] },
    '',
    {},
    'Choose a module inside it',
  ],
  [
    'convolutions of an attention',
    Object.fromEntries(['q', 'k', 'v', 'proj_out'].map((name) => [`${name}.weight`, [8, 8, 1, 1]])),
    '',
    {},
    'Choose a module inside it',
  ],
  [
    'channels of images that differ, which are joined',
    {
      'fire.squeeze.weight': [2, 8, 1, 1],
      'fire.expand1x1.weight': [4, 2, 1, 1],
      'fire.expand3x3.weight': [4, 2, 3, 3],
    },
    'fire',
    correct('padding', 0, 'expand3x3'),
    'channels of expand1x1 and expand3x3 are joined, and they have 16×16 and 14×14 pixels',
  ],
  [
    'a shortcut that goes in other steps',
    {
      ...Object.assign({}, ...[1, 2].map((i) => convolved('b', i))),
      'b.shortcut.0.weight': [8, 8, 1, 1],
    },
    'b',
    correct('stride', 1, 'shortcut.0'),
    'its shortcut gives 1×8×16×16 and its convolutions 1×8×8×8. Correct stride of conv1',
  ],
])('%s: why, in a sentence', async (_, shapes, path, options, sentence) => {
  const module = await openShapes(shapes, path);
  expect(() => lowerModule(module, options)).toThrow(sentence);
});
