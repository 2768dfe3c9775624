/** Assumptions that are a size for each spatial axis: stride, padding, dilation. */
import type { AssumedValue, AssumptionName, Assumptions, Guess } from './assumptions.ts';
import { notRunnable } from './build.ts';
import type { ModuleNode } from './module-node.ts';
import { printedNumbers } from './printed.ts';

export interface SizesGuess {
  /** One for each axis, or a word among the choices (`same`). */
  readonly value: readonly number[] | string;
  readonly source: Guess<AssumedValue>['source'];
  readonly why: string;
  readonly choices?: readonly string[];
}

/** Asks for a size for each of `axes` axes. What is printed of the module, under `name`, comes before the guess. */
export function askSizes(
  assume: Assumptions,
  module: Pick<ModuleNode, 'path'>,
  name: AssumptionName,
  axes: number,
  guess: SizesGuess,
): readonly number[] | string {
  const { value, source, why, choices } = printedSizes(assume, module.path, name, guess);
  const answer = assume.ask<AssumedValue>(module.path, name, {
    value: typeof value === 'string' ? value : writeSizes(value),
    source,
    why,
    ...(choices && { choices }),
    isSizes: true,
  });
  if (choices?.includes(String(answer))) return String(answer);
  const sizes = String(answer).split('x').map(Number);
  if (name !== 'padding' && sizes.includes(0)) throw notRunnable(module, `its ${name} is 0`, 'Give it 1 or more');
  if (sizes.length === 1) return Array.from({ length: axes }, () => sizes[0]!);
  if (sizes.length === axes) return sizes;
  throw notRunnable(module, `its ${name} has ${sizes.length} sizes for ${axes} axes`, `Give one number, or ${axes}`);
}

function printedSizes(assume: Assumptions, path: string, name: AssumptionName, guess: SizesGuess): SizesGuess {
  const printed = assume.printedAt(path);
  if (!printed) return guess;
  const word = printed.named.get(name);
  const value = printedNumbers(printed, name) ?? (typeof word === 'string' ? word : undefined);
  if (value !== undefined) return { ...guess, value, source: 'file', why: 'the printed model says so' };
  return guess;
}

/** 2 for alike sizes, `2x1` for others. */
export const writeSizes = (sizes: readonly number[]): number | string =>
  sizes.every((size) => size === sizes[0]) ? sizes[0]! : sizes.join('x');
