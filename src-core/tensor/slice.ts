/**
 * What part of a tensor somebody asks for, written as NumPy writes it: `0, :, 2:5`, `...`, `::-1`. Integers and ranges only:
 * no new axes, masks or lists of positions.
 */
import { StateglassError } from '../base/errors.ts';

/** One dimension's share of a slice. An index takes one position and drops the dimension; a range keeps it. */
export type SliceItem =
  | { readonly kind: 'index'; readonly at: number }
  /** Positions start, start + step, … `count` of them. Steps may be negative, never 0. */
  | { readonly kind: 'range'; readonly start: number; readonly count: number; readonly step: number };

/** One item for every dimension of the tensor it was made for, all inside its shape. Plain data. */
export type Slice = readonly SliceItem[];

const bad = (detail: string, at: number): StateglassError => new StateglassError({ kind: 'bad-input', detail, at });

/** All of a tensor. */
export const wholeSlice = (shape: readonly number[]): Slice =>
  shape.map((count): SliceItem => ({ kind: 'range', start: 0, count, step: 1 }));

/** The shape of what a slice takes. */
export const sliceShape = (slice: Slice): number[] =>
  slice.flatMap((item) => (item.kind === 'range' ? [item.count] : []));

/**
 * Reads a slice as NumPy would: missing dimensions are taken whole, negative positions count from the end, ranges are cut to
 * the shape. Brackets around it are allowed, and the empty text is the whole tensor.
 *
 * @throws `bad-input`, `at` being the place in the text.
 */
export function parseSlice(text: string, shape: readonly number[]): Slice {
  const parts = splitParts(text);
  const dots = parts.filter(({ word }) => word === '...');
  if (dots[1]) throw bad('"..." stands for all dimensions that are not named: it can be there once', dots[1].at);
  const named = parts.length - dots.length;
  if (named > shape.length) {
    const first = parts.filter(({ word }) => word !== '...')[shape.length];
    throw bad(`${named} positions for a tensor of ${countOf(shape.length, 'dimension')}`, first?.at ?? 0);
  }
  const rest = wholeSlice(shape);
  const before = dots[0] ? parts.indexOf(dots[0]) : named;
  const skipped = shape.length - named;
  const itemAt = (part: Part, axis: number) => parseItem(part, shape[axis] as number, axis);
  return [
    ...parts.slice(0, before).map((part, i) => itemAt(part, i)),
    ...rest.slice(before, before + skipped),
    ...parts.slice(before + dots.length).map((part, i) => itemAt(part, before + skipped + i)),
  ];
}

interface Part {
  readonly word: string;
  /** Where the word begins in the text. */
  readonly at: number;
}

function splitParts(text: string): Part[] {
  const outer = /^(\s*\[)([^\]]*)\]\s*$/.exec(text);
  const body = outer ? (outer[2] as string) : text;
  let at = outer ? (outer[1] as string).length : 0;
  if (body.trim() === '') return [];
  const words = body.split(',');
  // `0,` is what a tuple of one looks like in Python.
  if (words.length > 1 && words.at(-1)?.trim() === '') words.pop();
  return words.map((word) => {
    const part = { word: word.trim(), at: at + word.length - word.trimStart().length };
    at += word.length + 1;
    if (part.word === '') throw bad('a position is missing before the comma', part.at);
    return part;
  });
}

const INTEGER = /^[+-]?\d+$/;

function parseItem({ word, at }: Part, dim: number, axis: number): SliceItem {
  const bounds = word.split(':');
  if (bounds.length === 1) return parseIndex(word, dim, axis, at);
  if (bounds.length > 3) throw bad(`"${word}" has more than start:stop:step`, at);
  const numbers = bounds.map((bound) => parseBound(bound, word, at));
  const [start, stop] = numbers;
  const step = numbers[2] ?? 1;
  if (step === 0) throw bad(`the step of "${word}" is 0`, at);
  // Python's slice.indices: positions from the end first, then cut to what is there.
  const [low, high] = step > 0 ? [0, dim] : [-1, dim - 1];
  const clamp = (value: number | undefined, otherwise: number) =>
    value === undefined ? otherwise : Math.min(high, Math.max(low, value < 0 ? value + dim : value));
  const from = clamp(start, step > 0 ? low : high);
  const to = clamp(stop, step > 0 ? high : low);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return count === 0
    ? { kind: 'range', start: 0, count: 0, step: 1 }
    : { kind: 'range', start: from, count, step: count === 1 ? 1 : step };
}

function parseIndex(word: string, dim: number, axis: number, at: number): SliceItem {
  if (!INTEGER.test(word)) throw bad(`"${word}" is not a position: write numbers, ranges such as 2:5 and "..."`, at);
  const index = Number(word);
  const position = index < 0 ? index + dim : index;
  if (position < 0 || position >= dim)
    throw bad(`position ${word} is outside dimension ${axis}, which has ${countOf(dim, 'element')}`, at);
  return { kind: 'index', at: position + 0 };
}

function parseBound(bound: string, word: string, at: number): number | undefined {
  const trimmed = bound.trim();
  if (trimmed === '') return undefined;
  if (!INTEGER.test(trimmed)) throw bad(`"${trimmed}" in "${word}" is not a whole number`, at + word.indexOf(trimmed));
  return Number(trimmed);
}

const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** A slice as text that `parseSlice` reads as the same slice of the same shape. */
export function formatSlice(slice: Slice, shape: readonly number[]): string {
  return slice.map((item, axis) => formatItem(item, shape[axis] ?? 0)).join(',');
}

function formatItem(item: SliceItem, dim: number): string {
  if (item.kind === 'index') return String(item.at);
  const { start, count, step } = item;
  if (step === 1) return start === 0 && count === dim ? ':' : `${start}:${start + count}`;
  const last = start + (count - 1) * step;
  if (step > 0) return `${start}:${last + 1}:${step}`;
  // There is no way to write a stop before position 0 but to leave it out.
  return `${start}:${last === 0 ? '' : last - 1}:${step}`;
}
