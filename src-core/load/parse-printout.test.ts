import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import { parsePrintout } from './parse-printout.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/load');
const PRINTOUTS = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));

interface Row {
  readonly key: string;
  readonly shape: readonly (number | string)[];
  readonly dtype?: string;
  readonly meta?: true;
}

const read = (text: string): readonly Row[] =>
  parsePrintout(text).entries.map(({ key, value }) => {
    if (value.kind !== 'tensor') return { key, shape: [value.type] };
    const { shape = ['none'], dtype, isEmpty } = value;
    return { key, shape, ...(dtype && { dtype }), ...(isEmpty && { meta: true }) };
  });

test.each(PRINTOUTS)('%s is read as what was printed', (name) => {
  const { entries } = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as { entries: readonly Row[] };
  expect(entries.length).toBeGreaterThan(4);
  expect(read(readFileSync(join(FOLDER, name), 'utf8'))).toEqual(entries);
});

test("Caten's printout is read, symbols and all", () => {
  const text =
    '#<STATE-DICT {\n  wte.weight -> (32 32)\n  h.0.ln_1.affine -> (32)\n  scale -> NIL\n  mask -> (N 1024)\n}>';
  expect(read(text)).toEqual([
    { key: 'wte.weight', shape: [32, 32] },
    { key: 'h.0.ln_1.affine', shape: [32] },
    { key: 'scale', shape: [] },
    { key: 'mask', shape: ['N', 1024] },
  ]);
});

test('what stands around a printout does not matter, nor does what is no tensor', () => {
  const text =
    ">>> print(sd)\n{'a.0': torch.Size([2]), 'b': {'c': (3, 4)}, 'step': 7, 'name': 'x', 'none': None, 'lr': 1e-3}\n>>>";
  const { entries } = parsePrintout(text);
  expect(entries.map(({ key, parts }) => [key, parts])).toEqual([
    ['a.0', ['a', 0]],
    ['b.c', ['b', 'c']],
    ['step', ['step']],
    ['name', ['name']],
    ['none', ['none']],
    ['lr', ['lr']],
  ]);
  expect(read(text).map(({ shape }) => shape)).toEqual([[2], [3, 4], ['int'], ['str'], ['NoneType'], ['float']]);
});

describe('what cannot be read is refused with the place', () => {
  test.each([
    ["{'a': tensor([1., 2.", /line 1/],
    ["OrderedDict({'a': tensor([1.]),\n 'b' tensor([2.])})", /colon is missing \(line 2\)/],
    ['nothing here', /no keys in this printout/],
    ['', /no keys/],
  ])('%j', (text, words) => {
    expect(() => parsePrintout(text)).toThrow(words);
    expect(() => parsePrintout(text)).toThrow(StateglassError);
  });

  test('nesting without end', () => {
    expect(() => parsePrintout(`{'a': ${'['.repeat(100_000)}`)).toThrow(/nested too deep/);
  });
});
