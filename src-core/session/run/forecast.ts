import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Graph, GraphValue } from '../../graph/graph.ts';
import { countElements } from '../../tensor/dtype.ts';

/** What a run takes, in bytes. */
export interface RunForecast {
  /** All weights as f32. */
  readonly weights: number;
  /** The largest of them: one buffer of a GPU. */
  readonly largestWeight: number;
  /** All values on the way, were none given up before the end: no run takes more. */
  readonly values: number;
}

export function forecastRun(graph: Graph): RunForecast {
  const sizes = graph.weights.map(({ shape }) => 4 * countElements(shape));
  const weightNames = new Set(graph.weights.map(({ name }) => name));
  let values = 0;
  for (const value of graph.values.values()) if (!weightNames.has(value.name)) values += bytesOf(value);
  return { weights: sum(sizes), largestWeight: Math.max(0, ...sizes), values };
}

/** Refuses what would take more memory than a page has. @throws `limit`. */
export function requireRoom({ weights, values }: RunForecast, name: string): void {
  const refuse = (limit: 'runWeightBytes' | 'runValueBytes', value: number, detail: string) => {
    if (value > LIMITS[limit])
      throw new StateglassError({ kind: 'limit', file: name, limit, value, max: LIMITS[limit], detail });
  };
  refuse('runWeightBytes', weights, 'as f32 its weights are too large to be run here: choose a module inside it');
  refuse('runValueBytes', values, 'its values on the way are too large: give it a smaller sample');
}

/** An axis that a run decides counts as one. */
const bytesOf = ({ dtype, shape }: GraphValue): number =>
  countElements(shape.map((dim) => (typeof dim === 'number' ? dim : 1))) *
  (dtype === 'i64' ? 8 : dtype === 'f32' ? 4 : 1);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);
