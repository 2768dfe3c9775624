import { StateglassError } from '../../base/errors.ts';
import type { GraphInput } from '../../graph/graph.ts';
import type { RunTensor } from '../ports.ts';

type SampleSpec = Pick<GraphInput, 'name' | 'dtype' | 'below'>;

/** @throws `bad-input` for a sample that is missing, of another type, of a token that there is not, or for no input. */
export function checkSamples(specs: readonly SampleSpec[], inputs: Readonly<Record<string, RunTensor>>): void {
  const refuse = (detail: string) => new StateglassError({ kind: 'bad-input', detail });
  for (const { name, dtype, below } of specs) {
    const sample = inputs[name];
    if (!sample) throw refuse(`there is no sample for the input ${name}`);
    if (sample.dtype !== dtype) throw refuse(`the sample for ${name} is ${sample.dtype}; it takes ${dtype}`);
    if (below === undefined || sample.dtype !== 'i64') continue;
    const wrong = sample.data.find((id) => id < 0n || id >= BigInt(below));
    if (wrong !== undefined) throw refuse(`token ${wrong} is not below ${below}, the size of the vocabulary`);
  }
  const unknown = Object.keys(inputs).find((name) => !specs.some((input) => input.name === name));
  if (unknown !== undefined)
    throw refuse(`it has no input ${unknown}: it takes ${specs.map(({ name }) => name).join(', ')}`);
}
