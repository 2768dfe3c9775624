import type { InputSpec, RunDescription } from '../../../src-core/index.ts';
import { offerOutputs, useKeptOutputs } from '../../state/kept-outputs.ts';
import { blankImage, type SampleChoice } from '../../state/run-samples.ts';

type Kind = SampleChoice['kind'];

/** What may be given to an input, the likeliest first. */
export function kindsFor(input: InputSpec, { tokeniser }: RunDescription): readonly (readonly [Kind, string])[] {
  const made: (readonly [Kind, string])[] =
    input.dtype === 'f32'
      ? [
          ['normal', 'Random, normal'],
          ['uniform', 'Random, 0 to 1'],
        ]
      : [['uniform', 'Random']];
  return [
    ...(input.meaning === 'tokens' && tokeniser ? [['text', 'Text'] as const] : []),
    ...(input.meaning === 'image' ? [['image', 'A drawing or an image'] as const] : []),
    ...made,
    ['zeros', 'Zeros'],
    ['ones', 'Ones'],
    ['ramp', 'A ramp'],
    ['one-hot', 'One-hot'],
    ['numbers', 'Numbers'],
    ['array', 'A .npy file'],
    ['kept', 'Output of an earlier run'],
  ];
}

/** Another kind, with as much of the one before as makes sense. */
export function startOf(
  kind: string,
  before: SampleChoice,
  { tokeniser }: RunDescription,
  input: InputSpec,
  shape: readonly number[],
): SampleChoice {
  const seed = 'seed' in before ? before.seed : 0;
  switch (kind as Kind) {
    case 'normal':
    case 'uniform':
      return { kind: kind as 'normal' | 'uniform', seed };
    case 'one-hot':
      return { kind: 'one-hot', at: 0 };
    case 'numbers':
      return { kind: 'numbers', numbers: [] };
    case 'text':
      return { kind: 'text', text: tokeniser?.example ?? '' };
    case 'image':
      return blankImage(shape);
    case 'array':
      return { kind: 'array', name: '', tensor: { dtype: 'f32', shape: [0], data: new Float32Array() } };
    case 'kept': {
      const first = offerOutputs(useKeptOutputs.getState().kept, input)[0];
      return { kind: 'kept', output: first?.why === undefined ? first?.output : undefined };
    }
    default:
      return { kind: kind as 'zeros' | 'ones' | 'ramp' };
  }
}
