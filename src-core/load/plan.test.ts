import { expect, test } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import type { DType } from '../tensor/dtype.ts';
import { describeReport, loadsWhole } from './describe-report.ts';
import type { Outline, OutlineDim, OutlineEntry } from './outline.ts';
import { findPolicy, LOAD_POLICIES, plan } from './plan.ts';
import { POLICY_IDS } from './report.ts';
import { splitKey } from './split-key.ts';

const tensor = (key: string, shape: readonly OutlineDim[] = [2], dtype: DType = 'f32'): OutlineEntry => ({
  key,
  parts: splitKey(key),
  value: { kind: 'tensor', dtype, shape },
});
const outline = (...entries: OutlineEntry[]): Outline => ({ entries, origin: 'declaration' });

test('there is a policy for every id, in that order, and no other', () => {
  expect(LOAD_POLICIES.map(({ id }) => id)).toEqual(POLICY_IDS);
  expect(() => findPolicy('torch')).toThrow(StateglassError);
});

test('what loads whole loads whole by every policy', () => {
  const state = outline(tensor('a.weight'), tensor('a.bias'));
  for (const policy of LOAD_POLICIES) {
    const report = plan(state, state, policy);
    expect(loadsWhole(report), policy.id).toBe(true);
    expect(report, policy.id).toMatchObject({ mismatched: [], added: [], partial: [], warnings: [] });
    expect(report.assigned.map(({ target }) => target).sort()).toEqual(['a.bias', 'a.weight']);
  }
});

/** One checkpoint of which everything is wrong: a name, a shape, a dtype, one too many. */
const MODEL = outline(tensor('ok'), tensor('gone'), tensor('narrow', [3]), tensor('wide'));
const BAD = outline(tensor('ok'), tensor('narrow', [4]), tensor('wide', [2], 'f64'), tensor('new'));

test('one bad checkpoint meets each policy as the table of policies says', () => {
  for (const policy of LOAD_POLICIES) {
    const report = plan(MODEL, BAD, policy);
    const has = (words: RegExp) => words.test(`${report.error?.message ?? ''}\n${report.warnings.join('\n')}`);
    const assigned = report.assigned.map(({ target }) => target);
    const is = (what: string) => report.mismatched.some((one) => one.what === what);
    const seen = {
      missing: reaction(has(/gone|leaves/), report.error !== null, report.warnings.length > 0),
      shape: policy.shape === 'none' ? 'none' : assigned.includes('narrow') ? 'taken' : 'refused',
      dtype: policy.dtype === 'none' ? 'none' : assigned.includes('wide') ? 'taken' : 'refused',
      unexpected: report.added.includes('new') ? 'add' : report.unexpected.includes('new') ? 'left' : 'lost',
    };
    const told = {
      error: 'refused',
      cast: 'taken',
      assign: 'taken',
      warn: 'taken',
      ignore: 'taken',
      none: 'none',
    } as const;
    expect(seen.shape, policy.id).toBe(told[policy.shape as keyof typeof told]);
    expect(seen.dtype, policy.id).toBe(told[policy.dtype as keyof typeof told]);
    expect(seen.unexpected, policy.id).toBe(policy.unexpected === 'add' ? 'add' : 'left');
    expect([is('shape'), is('dtype')], policy.id).toEqual([true, true]);
    if (policy.atomic) expect(report.partial, policy.id).toEqual([]);
    expect(describeReport(report).raises, policy.id).toBe(RAISES.has(policy.id));
    if (policy.missing === 'warn') expect(seen.missing).toBe('warn');
  }
});

const RAISES = new Set([
  'torch-strict',
  'torch-nonstrict',
  'torch-assign',
  'max-strict',
  'max-nonstrict',
  'nnx-replace-by-pure-dict',
  'flax-from-state-dict',
  'inox-combine',
  'dspy',
]);
const reaction = (told: boolean, raised: boolean, warned: boolean): string =>
  told ? (raised ? 'error' : warned ? 'warn' : 'ignore') : 'ignore';

const LAYERS = 100_000;
const big = (prefix: string): Outline =>
  outline(...Array.from({ length: LAYERS }, (_, i) => tensor(`${prefix}.${i >> 4}.experts.${i % 16}.weight`)));

/** A second on a machine that does nothing else; what is watched for is work that grows with the square. */
test.each([
  ['torch-strict', 'layers'],
  ['msgflux', 'layers'],
  ['max-strict', 'h'],
  ['nnx-update', 'h'],
])(
  'a hundred thousand entries are planned in no time by %s, from %s',
  (id, prefix) => {
    const [target, source] = [big('layers'), big(prefix)];
    const start = process.cpuUsage();
    const { assigned, added, unexpected } = plan(target, source, findPolicy(id));
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(10);
    expect(assigned.length + added.length + unexpected.length).toBe(LAYERS);
  },
  60_000,
);

test('more keys go nowhere than a call takes arguments', () => {
  const entries = Array.from({ length: 150_000 }, (_, i) => tensor(`module.${i}`));
  const many: Outline = { entries, origin: 'declaration' };
  for (const id of ['torch-strict', 'dspy']) {
    const report = plan(outline(tensor('a')), many, findPolicy(id));
    expect(report.unexpected).toHaveLength(150_000);
  }
});
