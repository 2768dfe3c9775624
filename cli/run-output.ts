import {
  type AssumptionGroup,
  groupAssumptions,
  isOverTokens,
  type RunAnswer,
  type RunDescription,
  type RunTensor,
  type Tokeniser,
} from '../src-core/index.ts';
import { EDGE, printArray } from './print-array.ts';

/** More values than this are cut short to the edges of every axis. */
const THRESHOLD = 1000;
/** Classes or tokens that are named, the likeliest first. */
const TOP = 5;

/** `{module, kind, assumptions, backend, outputs: [{name, shape, dtype, values}], taps}`: values nested as the shape is; NaN and infinities are strings. */
export function answerToJson({ path, kind, assumptions, backend, outputs, taps }: RunAnswer): string {
  const fields = [
    ['module', JSON.stringify(path)],
    ['kind', JSON.stringify(kind)],
    ['assumptions', JSON.stringify(assumptions)],
    ['backend', JSON.stringify(backend)],
    ['outputs', `[${outputs.map(({ label, tensor }) => tensorJson(label, tensor)).join(',')}]`],
    [
      'taps',
      `[${Object.entries(taps)
        .map(([name, tensor]) => tensorJson(name, tensor))
        .join(',')}]`,
    ],
  ];
  return `{${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}\n`;
}

function tensorJson(name: string, { dtype, shape, data }: RunTensor): string {
  const leaf = (value: number | bigint): string => {
    if (dtype === 'bool') return value ? 'true' : 'false';
    return typeof value === 'bigint' || Number.isFinite(value) ? String(value) : `"${value}"`;
  };
  let at = 0;
  const nest = (axis: number): string =>
    axis === shape.length
      ? leaf(data[at++]!)
      : `[${Array.from({ length: shape[axis]! }, () => nest(axis + 1)).join(',')}]`;
  return `{"name":${JSON.stringify(name)},"shape":${JSON.stringify(shape)},"dtype":"${dtype}","values":${nest(0)}}`;
}

/** What it was taken for, what was assumed, and its outputs as NumPy prints them. */
export function answerToText(answer: RunAnswer, described: RunDescription, tokeniser?: Tokeniser): string {
  const lines = [
    `${answer.path || 'all of it'}  ${answer.kind}  on ${answer.backend}, ${answer.times.run.toFixed(1)} ms`,
  ];
  for (const group of groupAssumptions(answer.assumptions)) lines.push(`  ${assumptionText(group)}`);
  for (const { label, tensor } of answer.outputs)
    lines.push('', ...outputLines(label, tensor, namesFor(tensor, described, tokeniser)));
  for (const [path, tensor] of Object.entries(answer.taps)) lines.push('', ...outputLines(path, tensor));
  return `${lines.join('\n')}\n`;
}

function assumptionText({ paths, name, value, source, why }: AssumptionGroup): string {
  const where = paths[0] === '' ? name : `${paths[0]}.${name}`;
  const times = paths.length > 1 ? ` ×${paths.length}` : '';
  return `${where}${times} = ${value}  (${source}: ${why})`;
}

type NameOf = (place: number) => string | undefined;

/** What the places of the last axis are called: classes or tokens. */
function namesFor(
  { dtype, shape }: RunTensor,
  described: RunDescription,
  tokeniser: Tokeniser | undefined,
): NameOf | undefined {
  const { labels } = described;
  if (dtype !== 'f32') return undefined;
  if (labels && labels.length === shape.at(-1)) return (place) => labels[place];
  return tokeniser && isOverTokens(described, shape) ? tokeniser.name : undefined;
}

function outputLines(label: string, tensor: RunTensor, nameOf?: NameOf): string[] {
  const lines = [`${label}  ${tensor.dtype} [${tensor.shape.join('×')}]`, arrayText(tensor)];
  if (nameOf) lines.push(`top: ${topText(tensor, nameOf)}`);
  return lines;
}

function arrayText({ dtype, shape, data }: RunTensor): string {
  const count = data.length;
  const cut = shape.map((size) => count > THRESHOLD && size > 2 * EDGE);
  const kept = shape.map((size, axis) => (cut[axis] ? 2 * EDGE : size));
  const values: (number | bigint)[] = [];
  const walk = (axis: number, base: number): void => {
    if (axis === shape.length) {
      values.push(data[base]!);
      return;
    }
    for (let i = 0; i < kept[axis]!; i++) {
      const place = cut[axis] && i >= EDGE ? shape[axis]! - 2 * EDGE + i : i;
      walk(axis + 1, base * shape[axis]! + place);
    }
  };
  walk(0, 0);
  return printArray({ dtype, shape: kept, values, cut });
}

/** The likeliest of the last row, by softmax. */
function topText({ data, shape }: RunTensor, nameOf: NameOf): string {
  const width = shape.at(-1)!;
  const row = Array.from(data.slice(data.length - width), Number);
  const most = Math.max(...row);
  const weights = row.map((value) => Math.exp(value - most));
  const total = weights.reduce((all, weight) => all + weight, 0);
  return weights
    .map((weight, place) => ({ place, part: weight / total }))
    .sort((a, b) => b.part - a.part)
    .slice(0, TOP)
    .map(({ place, part }) => `${JSON.stringify(nameOf(place) ?? place)} ${(100 * part).toFixed(1)} %`)
    .join(', ');
}
