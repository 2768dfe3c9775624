/** Rotary position embeddings: pairs of features are turned by an angle that grows with the position. */
import type { Assumptions } from './assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import type { Dim } from './graph.ts';
import type { ModuleNode } from './module-node.ts';
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

/** Asks for the base of the angles, and reads how the config stretches them. */
export function askRope(module: ModuleNode, style: 'half' | 'interleaved', headDim: number, assume: Assumptions): Rope {
  const { config } = assume.facts;
  const scaling = (config?.rope_parameters ?? config?.rope_scaling ?? {}) as Readonly<Record<string, unknown>>;
  const number = (name: string): number | undefined =>
    typeof scaling[name] === 'number' ? (scaling[name] as number) : undefined;
  const configured = assume.configNumber('rope_theta', 'rotary_emb_base', 'rope_base') ?? number('rope_theta');
  const theta = assume.ask(
    module.path,
    'rope_theta',
    configured === undefined
      ? { value: 10_000, source: 'default', why: 'most models turn features by powers of 10,000' }
      : { value: configured, source: 'file', why: 'the config says so' },
  );
  const part = assume.configNumber('partial_rotary_factor', 'rotary_pct') ?? number('partial_rotary_factor') ?? 1;
  const turned = 2 * Math.floor((headDim * part) / 2);
  // As f32 rounds them, step by step: late positions multiply the difference.
  const plain = Array.from({ length: turned / 2 }, (_, i) =>
    Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / turned))),
  );
  const type = scaling.rope_type ?? scaling.type ?? 'default';
  if (type === 'default') return { style, frequencies: plain };
  const factor = number('factor') ?? 1;
  if (type === 'linear') return { style, frequencies: plain.map((frequency) => frequency / factor) };
  if (type === 'llama3')
    return {
      style,
      frequencies: plain.map((frequency) =>
        stretchSlow(frequency, {
          factor,
          low: number('low_freq_factor') ?? 1,
          high: number('high_freq_factor') ?? 4,
          context: number('original_max_position_embeddings') ?? 8192,
        }),
      ),
    };
  throw notRunnable(
    module,
    `its config stretches positions by ${type}, which is not computed here`,
    'Run it without its config, if it is to be looked at within its first context length only',
  );
}

interface Stretch {
  readonly factor: number;
  readonly low: number;
  readonly high: number;
  readonly context: number;
}

/** Llama 3.1's: slow angles are divided, quick ones stay, those between are mixed. */
function stretchSlow(frequency: number, { factor, low, high, context }: Stretch): number {
  const wave = (2 * Math.PI) / frequency;
  if (wave < context / high) return frequency;
  if (wave > context / low) return frequency / factor;
  const share = (context / wave - low) / (high - low);
  return ((1 - share) * frequency) / factor + share * frequency;
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
