/** Low-rank updates as derived tensors: W + scale × (B @ A), in the shape of W. */
import { describeError, toErrorInfo } from '../base/errors.ts';
import { keyOfRow } from '../model/key-text.ts';
import type { DerivedInput, EntryId, StateDict } from '../model/state-dict.ts';
import { isContiguous } from '../tensor/dense-range.ts';
import { countElements } from '../tensor/dtype.ts';
import { asInput, type Derived, type FoundTensor, requireInput, requireNumbers, tensorAt } from './edit-tensor.ts';
import { findLoraPairs, type LoraLeft, type LoraPair } from './lora-pairs.ts';

export interface LoraOptions {
  /** Only the pairs of the adapter of this name. */
  readonly adapter?: string;
  /** Multiplies every update; 1 without it. */
  readonly strength?: number;
  /** Goes before what the file has; `rank`: that of each pair, which makes the scale 1. */
  readonly alpha?: number | 'rank';
  /** The scale is alpha / √rank instead of alpha / rank. */
  readonly rankStabilised?: boolean;
  /** Square weights are stored [in, out]. The shape of others tells. */
  readonly fanInFanOut?: boolean;
}

/** An update that can be baked. */
export interface LoraBake {
  /** Of the weight. */
  readonly key: string;
  /** Of the factors and of alpha, in the state that holds them. */
  readonly down: string;
  readonly up: string;
  readonly alpha?: string;
  readonly rank: number;
  /** Whether the weight is stored [in, out]. */
  readonly isTransposed: boolean;
  /** What the product is multiplied by; where `alpha` is in the file, times alpha / rank. */
  readonly scale: number;
  readonly derived: Derived;
  /** The factors' rows, and alpha's. */
  readonly rows: readonly EntryId[];
}

export interface LoraPlan {
  readonly bakes: readonly LoraBake[];
  readonly left: readonly LoraLeft[];
}

/** Plans what low-rank updates of `lora` do to weights of `state`; both may be the same. Reads nothing, and throws nothing. */
export function planLora(state: StateDict, lora: StateDict, options: LoraOptions = {}): LoraPlan {
  const { pairs, left } = findLoraPairs(state, lora, options.adapter);
  const keyOf = keyReader(lora);
  const leave = (pair: LoraPair, why: string): LoraLeft => ({ key: keyOf(pair.down), why });
  /** The same for weights that are tied. */
  const viewOf = ({ target }: LoraPair) => JSON.stringify(state.entries.at(target).value);
  const uses = new Map<string, number>();
  for (const pair of pairs) uses.set(viewOf(pair), (uses.get(viewOf(pair)) ?? 0) + 1);
  const bakes: LoraBake[] = [];
  const more: LoraLeft[] = [];
  const fits = pairs.map((pair) => fitPair(state, lora, pair, options));
  // Where other weights of the adapter are stored [in, out], nobody can tell of a square one.
  const isUnsure =
    options.fanInFanOut === undefined && fits.some((fit) => typeof fit !== 'string' && fit.way === 'transposed');
  for (const [i, pair] of pairs.entries()) {
    const fit = fits[i] as Fit | string;
    if ((uses.get(viewOf(pair)) ?? 0) > 1) more.push(leave(pair, 'several updates are of one weight: name an adapter'));
    else if (typeof fit === 'string') more.push(leave(pair, fit));
    else if (fit.way === 'square' && isUnsure) more.push(leave(pair, 'its weight is square: say fanInFanOut'));
    else bakes.push(planBake(lora, pair, fit, options));
  }
  return { bakes, left: [...left, ...more] };
}

interface Fit {
  readonly weight: FoundTensor;
  readonly down: FoundTensor;
  readonly up: FoundTensor;
  readonly alpha?: FoundTensor;
  readonly rank: number;
  readonly way: 'straight' | 'transposed' | 'square';
}

/** How the factors fit the weight, or why they do not. */
function fitPair(state: StateDict, lora: StateDict, pair: LoraPair, { alpha: given }: LoraOptions): Fit | string {
  try {
    const [weight, down, up] = [tensorAt(state, pair.target), tensorAt(lora, pair.down), tensorAt(lora, pair.up)];
    const alpha = pair.alpha === undefined || given !== undefined ? undefined : tensorAt(lora, pair.alpha);
    for (const found of [weight, down, up, ...(alpha ? [alpha] : [])]) {
      requireNumbers(found, 'bake-lora');
      requireInput(found);
    }
    if (alpha && countElements(alpha.value.shape) !== 1) return `${alpha.entry.key} is no single number`;
    if (!alpha && given === undefined && pair.isPeft)
      return 'alpha is not in the file (PEFT keeps it as lora_alpha in adapter_config.json): give it, or "rank"';
    const [rank = 0] = down.value.shape;
    const way = fitShapes(weight.value.shape, down.value.shape, up.value.shape, pair.isEmbedding);
    if (way && rank > 0) return { weight, down, up, ...(alpha && { alpha }), rank, way };
    const [w, a, b] = [weight, down, up].map(({ value }) => `[${value.shape.join(', ')}]`);
    return `${b} and ${a} make no update of ${w}`;
  } catch (error) {
    return describeError(toErrorInfo(error));
  }
}

function fitShapes(
  weight: readonly number[],
  down: readonly number[],
  up: readonly number[],
  isEmbedding: boolean,
): Fit['way'] | undefined {
  const [rank, ...inner] = down;
  const [outer, held, ...ones] = up;
  if (held !== rank || ones.some((dim) => dim !== 1) || weight.length < 2) return undefined;
  const [rows, ...columns] = weight;
  const isStraight = outer === rows && trim(inner).join() === trim(columns).join();
  const isTransposed = weight.length === 2 && outer === weight[1] && trim(inner).join() === String(rows);
  if (isEmbedding) return isTransposed ? 'transposed' : undefined;
  if (isStraight && isTransposed) return 'square';
  return isStraight ? 'straight' : isTransposed ? 'transposed' : undefined;
}

/** A kernel of one place is as good as none. */
const trim = ([first, ...more]: readonly number[]): readonly (number | undefined)[] =>
  more.every((dim) => dim === 1) ? [first] : [first, ...more];

function planBake(lora: StateDict, pair: LoraPair, fit: Fit, options: LoraOptions): LoraBake {
  const { weight, down, up, alpha, rank } = fit;
  const { strength = 1, rankStabilised, fanInFanOut, alpha: given } = options;
  const isTransposed = fit.way === 'transposed' || (fit.way === 'square' && fanInFanOut === true);
  const root = rankStabilised ? Math.sqrt(rank) : 1;
  const known = given === 'rank' || (given === undefined && !alpha) ? rank : given;
  const scale = alpha ? strength * root : (strength * (known as number) * root) / rank;
  const outer = up.value.shape[0] as number;
  const inner = countElements(down.value.shape.slice(1));
  const [b, a] = [asMatrix(up, outer, rank, isTransposed), asMatrix(down, rank, inner, isTransposed)];
  const factors = isTransposed ? [a, b] : [b, a];
  const { dtype, shape } = weight.value;
  const keyOf = keyReader(lora);
  return {
    key: weight.entry.key,
    down: keyOf(pair.down),
    up: keyOf(pair.up),
    ...(alpha && { alpha: alpha.entry.key }),
    rank,
    isTransposed,
    scale,
    derived: {
      dtype,
      shape,
      expr: { kind: 'low-rank', scale },
      inputs: [requireInput(weight), ...factors, ...(alpha ? [requireInput(alpha)] : [])],
    },
    rows: [pair.down, pair.up, ...(pair.alpha === undefined ? [] : [pair.alpha])],
  };
}

/** All elements of a factor as a matrix; transposed by its strides. */
function asMatrix(found: FoundTensor, rows: number, columns: number, isTransposed: boolean): DerivedInput {
  const { dtype, shape } = found.value;
  const input = requireInput(found);
  const dense = isContiguous(found.value) ? input : asInput({ dtype, shape, expr: { kind: 'dense' }, inputs: [input] });
  const { strides: _, ...value } = dense.value;
  const matrix = isTransposed ? { shape: [columns, rows], strides: [1, columns] } : { shape: [rows, columns] };
  return { ...dense, value: { ...value, ...matrix } };
}

function keyReader({ entries }: StateDict): (row: EntryId) => string {
  const columns = entries.columns();
  return (row) => keyOfRow(columns, row);
}
