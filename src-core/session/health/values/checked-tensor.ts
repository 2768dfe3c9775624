import { pathOfNode } from '../../../model/labels.ts';
import { ROLE_ORDER, type RoleName } from '../../../model/state-dict.ts';
import { bitsOf, type DType, dtypeLabel, familyOf } from '../../../tensor/dtype.ts';
import type { TensorStats } from '../../../tensor/stats.ts';
import type { EntryStats } from '../../scan.ts';
import type { HealthFacts } from '../facts.ts';

/** A tensor with its statistics, and what its name says of it. */
export interface CheckedTensor {
  readonly row: number;
  readonly node: number;
  readonly key: string;
  /** Last part of the key. */
  readonly label: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly role: RoleName;
  readonly stats: TensorStats;
  /** Elements with the same first index. */
  readonly rowLength: number;
  readonly bytes: number;
  /** A trained array of real numbers: no buffer, mask, table of positions, or moment of an optimiser. */
  readonly isWeight: boolean;
}

/** Buffers that are patterns on purpose: masks (GPT-2 calls its own `bias`), positions, frequencies. */
const PATTERN =
  /mask|position|pos_emb|inv_freq|freqs|rotary|(^|_)(sin|cos)(_|$)|^bins$|anchor|grid|index|_ids$|^tril$/i;

/** Undefined for what has no statistics of its own: no numbers, no data, or the same bytes as an earlier entry. */
export function lookAt(
  { columns, tree, labels }: HealthFacts,
  { id, of, stats, sameAs }: EntryStats,
): CheckedTensor | undefined {
  if (!stats || of === 'stored integers' || sameAs.some((other) => other < id)) return undefined;
  const dtype = columns.dtypes[columns.dtype[id]! - 1];
  const shape = columns.shapes[columns.shape[id]!];
  if (!dtype || !shape) return undefined;
  const node = tree.nodeOfEntry[id]!;
  const label = labels[tree.label[node]!]!;
  const role = ROLE_ORDER[columns.roles[id]!]!;
  const isFloat = ['float', 'half', 'float8', 'block'].includes(familyOf(dtype));
  const isPattern = PATTERN.test(label) || (label === 'bias' && shape.length > 1);
  return {
    row: id,
    node,
    key: pathOfNode(tree, node),
    label,
    dtype,
    shape,
    role,
    stats,
    rowLength: shape.slice(1).reduce((n, dim) => n * dim, 1),
    bytes: columns.bytes[id]!,
    isWeight: isFloat && !isPattern && !['buffer', 'optimizer', 'artifact'].includes(role),
  };
}

/** The largest finite value and the smallest normal one of a type. */
export function rangeOf(dtype: DType): { readonly max: number; readonly tiny: number } | undefined {
  if (dtype === 'f16') return { max: 65_504, tiny: 2 ** -14 };
  if (dtype === 'f64') return { max: Number.MAX_VALUE, tiny: 2 ** -1022 };
  return dtype === 'f32' || dtype === 'bf16' ? { max: 2 ** 128, tiny: 2 ** -126 } : undefined;
}

/** `[3, 0, 17]` for a place in C order. */
export function placeText(place: number, shape: readonly number[]): string {
  const index: number[] = [];
  for (let rest = place, i = shape.length - 1; i >= 0; i--) {
    index.unshift(rest % shape[i]!);
    rest = Math.floor(rest / shape[i]!);
  }
  return `[${index.join(', ')}]`;
}

export const typeText = ({ dtype, shape }: CheckedTensor): string =>
  `${dtypeLabel(dtype)} ${shape.length === 0 ? 'scalar' : shape.join('×')}`;
export const widthOf = (dtype: DType): number => (bitsOf(dtype) ?? 8) / 8;
