/** Rotary position embeddings: pairs of features are turned by an angle that grows with the position. */
import type { GraphBuilder, Value } from './build.ts';
import type { Dim } from './graph.ts';
import { add, concat, multiply, reshape, split, subtract, unary } from './operators.ts';
import { placesOf, unsqueeze } from './positions.ts';

/** `half`: a feature is turned with the one half a head away. `interleaved`: with its neighbour. */
export type RopeStyle = 'half' | 'interleaved' | 'none';
export const ROPE_STYLES: readonly RopeStyle[] = ['half', 'interleaved', 'none'];

export interface Rope {
  readonly style: 'half' | 'interleaved';
  /** Angle for each position, one for each pair of features. */
  readonly frequencies: readonly number[];
}

/** Turns heads: [batch, sequence, heads, features]. Features past the last pair stay. */
export function rotate(g: GraphBuilder, x: Value, { style, frequencies }: Rope): Value {
  const pairs = frequencies.length;
  const rest = (x.shape[3] as number) - 2 * pairs;
  const [turned, kept] = rest === 0 ? [x] : split(g, x, 3, [2 * pairs, rest]);
  const cos = turnTable(g, 'Cos', x.shape[1]!, frequencies);
  const sin = turnTable(g, 'Sin', x.shape[1]!, frequencies);
  const done = style === 'half' ? turnHalves(g, turned!, cos, sin) : turnNeighbours(g, turned!, cos, sin);
  return kept ? concat(g, [done, kept], 3) : done;
}

function turnHalves(g: GraphBuilder, x: Value, cos: Value, sin: Value): Value {
  const pairs = cos.shape[2] as number;
  const [a, b] = split(g, x, 3, [pairs, pairs]) as [Value, Value];
  return concat(g, turnPair(g, a, b, cos, sin), 3);
}

function turnNeighbours(g: GraphBuilder, x: Value, cos: Value, sin: Value): Value {
  const pairs = cos.shape[2] as number;
  const lead = x.shape.slice(0, 3);
  const [a, b] = split(g, reshape(g, x, [...lead, pairs, 2]), 4, [1, 1]) as [Value, Value];
  const turned = turnPair(g, a, b, unsqueeze(g, cos, 3), unsqueeze(g, sin, 3));
  return reshape(g, concat(g, turned, 4), x.shape);
}

const turnPair = (g: GraphBuilder, a: Value, b: Value, cos: Value, sin: Value): [Value, Value] => [
  subtract(g, multiply(g, a, cos), multiply(g, b, sin)),
  add(g, multiply(g, b, cos), multiply(g, a, sin)),
];

/** [sequence, 1, pairs]: the same for every head and layer. */
const turnTable = (g: GraphBuilder, op: 'Cos' | 'Sin', length: Dim, frequencies: readonly number[]): Value =>
  g.shared(`${op} ${length} ${frequencies.join()}`, (root) => {
    const angles = root.shared(`angles ${length} ${frequencies.join()}`, () => {
      const places = reshape(root, placesOf(root, length), [length, 1, 1]);
      return multiply(root, places, root.constant('f32', [frequencies.length], frequencies));
    });
    return unary(root, op, angles);
  });
