/** Where in the text each token stands. Made once for all layers. */
import type { GraphBuilder, Value } from './build.ts';
import type { Dim } from './graph.ts';

const F32 = 1;

/**
 * Numbers 0, 1, … of `length` tokens, as i64; an input where the length is named, since it may follow a past. The first to ask
 * says `below` what they stay.
 */
export const positionsOf = (g: GraphBuilder, length: Dim, below?: number): Value =>
  g.shared(`positions ${length}`, (root) => {
    if (typeof length === 'number') return root.constant('i64', [length], countTo(length));
    const dims = [{ size: 1, free: length }];
    const limit = below === undefined ? {} : { below };
    return root.input({ name: 'positions', dtype: 'i64', meaning: 'positions', dims, ...limit }, [length]);
  });

/** The same as f32. */
export const placesOf = (g: GraphBuilder, length: Dim): Value =>
  g.shared(`places ${length}`, (root) =>
    typeof length === 'number'
      ? root.constant('f32', [length], countTo(length))
      : root.emit('Cast', [positionsOf(root, length)], [length], { to: { int: F32 } }, 'f32'),
  );

/**
 * Which of `keys` tokens each of `length` tokens may look at: [length, keys] of bool, true for itself and those before it, or
 * only for the last `window` of these. The tokens are the last of the keys.
 */
export const causalMask = (g: GraphBuilder, length: Dim, keys: Dim, window = 0): Value =>
  g.shared(`causal ${length} ${keys} ${window}`, (root) => {
    const rows = unsqueeze(root, placesOf(root, length), 1);
    const columns = unsqueeze(root, keys === length ? placesOf(root, length) : countKeys(root, length, keys), 0);
    if (window === 0) return root.emit('LessOrEqual', [columns, rows], [length, keys], {}, 'bool');
    // 0 to window - 1 tokens back, by one comparison: as far from the middle of them as the ends, or nearer.
    const middle = root.constant('f32', [], [(window - 1) / 2]);
    const back = root.emit('Sub', [rows, columns], [length, keys]);
    const off = root.emit('Abs', [root.emit('Sub', [back, middle], [length, keys])], [length, keys]);
    return root.emit('LessOrEqual', [off, middle], [length, keys], {}, 'bool');
  });

/** 0, 1, … up to the last position. */
function countKeys(root: GraphBuilder, length: Dim, keys: Dim): Value {
  const positions = positionsOf(root, length);
  const scalar = (value: number) => root.constant('i64', [], [value]);
  const last = root.emit('ReduceMax', [positions], [], { keepdims: { int: 0 } });
  const count = root.emit('Add', [last, scalar(1)], []);
  const range = root.emit('Range', [scalar(0), count, scalar(1)], [keys]);
  return root.emit('Cast', [range], [keys], { to: { int: F32 } }, 'f32');
}

export function unsqueeze(g: GraphBuilder, x: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)];
  return g.emit('Unsqueeze', [x, g.constant('i64', [1], [axis])], shape);
}

const countTo = (length: number): number[] => Array.from({ length }, (_, i) => i);
