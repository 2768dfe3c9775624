import { describe, expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { StateglassError } from '../../base/errors.ts';
import { LOWERINGS } from '../../graph/registry.ts';
import type { RunTensor } from '../ports.ts';
import { caseNames, openCase, readGolden, runCase } from './module-case.fixture.ts';

/** Every module that a real library computed gives the same here. */
const [RELATIVE, ABSOLUTE] = [1e-4, 1e-5];
const runner = await ortRunner(1);

describe.each(caseNames)('%s', (name) => {
  test('gives what the library gives, inside too', async () => {
    const opened = await openCase(name);
    const { golden, outputs, taps } = opened;
    const found = await runCase(opened, runner, { assume: golden.assume, taps: Object.keys(taps) });
    expect(found.kind).toBe(golden.kind);
    for (const [label, want] of Object.entries(outputs)) expectClose(label, found.outputs[label], want);
    for (const [path, want] of Object.entries(taps)) expectClose(path, found.taps[path], want);
  });

  test.each(readGolden(name).wrong ?? [])('a wrong assumption gives another answer: %o', async (wrong) => {
    const opened = await openCase(name);
    const assume = { ...opened.golden.assume, ...wrong };
    const found = await runCase(opened, runner, { assume }).catch((error: unknown) => {
      // One that cannot be is refused with a sentence.
      if (error instanceof StateglassError && error.info.kind === 'not-runnable') return undefined;
      throw error;
    });
    const differs = Object.entries(opened.outputs).some(
      ([label, want]) => found && furthest(found.outputs[label]!, want) > 100,
    );
    expect(!found || differs).toBe(true);
  });

  test('gives the same with its weights as constants', async () => {
    const opened = await openCase(name);
    const found = await runCase(opened, runner, { assume: opened.golden.assume, weights: 'constants' });
    for (const [label, want] of Object.entries(opened.outputs)) expectClose(label, found.outputs[label], want);
  });
});

test('every lowering is held against a real library', () => {
  const covered = new Set(caseNames.map((name) => readGolden(name).kind));
  expect(LOWERINGS.map(({ kind }) => kind).filter((kind) => !covered.has(kind))).toEqual([]);
});

function expectClose(what: string, got: RunTensor | undefined, want: RunTensor): void {
  expect(got?.shape, what).toEqual(want.shape);
  expect(furthest(got!, want), what).toBeLessThanOrEqual(1);
}

/** The largest difference, as a multiple of what is allowed; infinite for another shape. */
function furthest(got: RunTensor, want: RunTensor): number {
  if (got.shape.join() !== want.shape.join()) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [Number(got.data[i]), Number(want.data[i])];
    if (a === b) continue;
    const times = Math.abs(a - b) / (ABSOLUTE + RELATIVE * Math.abs(b));
    // A number against none.
    largest = Math.max(largest, Number.isNaN(times) ? Number.POSITIVE_INFINITY : times);
  }
  return largest;
}
