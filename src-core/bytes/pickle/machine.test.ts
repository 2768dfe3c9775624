import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import { type PickleResult, runPickle, tryPickle } from './machine.ts';
import type { DictNode, ListNode, PickleNode } from './nodes.ts';
import { showNode } from './show.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/pickle');
const latin1 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (char) => char.charCodeAt(0));
const run = (text: string): PickleResult => runPickle(latin1(text), { file: 'x' });
const show = (text: string): string => showNode(run(text).root);

describe.each([0, 1, 2, 3, 4, 5])('protocol %i', (protocol) => {
  const bytes = new Uint8Array(readFileSync(join(FIXTURES, `protocol-${protocol}.pickle`)));
  const golden = JSON.parse(readFileSync(join(FIXTURES, `protocol-${protocol}.pickle.json`), 'utf8')) as {
    reprs: Record<string, string>;
  };
  const result = runPickle(bytes, { file: 'x' });
  const root = result.root as DictNode;
  const values = new Map(root.keys.map((key, i) => [showNode(key).slice(1, -1), root.values[i]!]));

  it('reads to the end', () => {
    expect(result.end).toBe(bytes.length);
    expect(result.protocol).toBe(protocol < 2 ? 0 : protocol);
  });

  it.each(Object.keys(golden.reprs))('shows %s as Python does', (name) => {
    const node = values.get(name)!;
    // The text of a complex number is that of the call that makes it.
    if (name === 'complex') expect(showNode(node)).toMatch(/builtins\.complex\(1\.0, 2\.0\)/);
    else expect(showNode(node, 10_000)).toBe(golden.reprs[name]);
  });

  it('keeps one object for what is shared', () => {
    const [first, second] = (values.get('shared') as ListNode).items;
    expect(first).toBe(second);
  });

  it('keeps an object as its class and its state', () => {
    expect(showNode(values.get('object')!)).toContain('x=1, y=[2]');
    const use = result.globals.find((global) => global.node.module === 'my_project.shapes');
    expect(use?.node.name).toBe('Point');
  });

  it('asks for more when cut anywhere, and never fails otherwise', () => {
    for (let cut = 0; cut < bytes.length; cut++) expect(tryPickle(bytes.slice(0, cut), { file: 'x' })).toBeUndefined();
  });
});

describe('opcodes Python no longer writes', () => {
  it.each([
    ['I01\n.', 'True'],
    ['L12345678901234567890L\n.', '12345678901234567890'],
    ["S'a\\x41\\n\\''\n.", '"aA\\n\'"'],
    ['Vcaf\\u00e9\n.', "'café'"],
    ['U\x02ab.', "'ab'"],
    ['T\x02\x00\x00\x00ab.', "'ab'"],
    ['F1e3\n.', '1000.0'],
    ['(I1\nI2\nl.', '[1, 2]'],
    ['(I1\nI2\nd.', '{1: 2}'],
    ['(I1\nios\nsystem\n.', 'os.system(1)'],
    ['(cos\nsystem\nI1\no.', 'os.system(1)'],
    ['I1\n2\x86.', '(1, 1)'],
    ['I1\n(I2\n1.', '1'],
    ['I1\nI2\n0.', '1'],
    ['Pabc\n.', "persistent('abc')"],
    ['\x82\x07.', 'extension(7)'],
    ['\x84\x07\x00\x00\x00.', 'extension(7)'],
    ['\x97\x98.', 'buffer(0)'],
    ['\x8b\x02\x00\x00\x00\xff\xff.', '-1'],
    ['\x80\x02cm\nC\n)}\x92.', 'm.C()'],
    ['c__builtin__\nxrange\n.', 'builtins.range'],
  ])('%j is %s', (pickle, text) => expect(show(pickle)).toBe(text));
});

describe('what breaks the rules', () => {
  it.each([
    ['a value that was never remembered', '\x80\x02h\x07.', 2],
    ['too little on the stack', '\x80\x02\x86.', 2],
    ['taking what is below a mark', 'N(0a.', 3],
    ['a missing mark', 'Nt.', 1],
    ['an unknown opcode', 'N\xff.', 1],
    ['a key without a value', '}(Nu.', 3],
    ['appending to a number', 'I1\nNa.', 4],
    ['text that is not UTF-8', 'X\x01\x00\x00\x00\xff.', 0],
  ])('%s is malformed at its byte', (_, pickle, at) => {
    const error = catchError(() => runPickle(latin1(pickle), { file: 'x', base: 100 }));
    expect(error.info).toMatchObject({ kind: 'malformed', at: 100 + at });
  });

  it.each([
    '\x8d\xff\xff\xff\xff\xff\xff\xff\xff.',
    'B\xff\xff\xff\x7f.',
    '\x8b\xff\xff\xff\x7f.',
    '\x95\x00\x00\x00\x00\x00\x00\x00\x10N.',
  ])('a length past the end (%j) is malformed, and reserves nothing', (pickle) =>
    expect(catchError(() => run(pickle)).info.kind).toBe('malformed'),
  );

  it('limits depth, whichever way it is made', () => {
    const deep = 12_000;
    for (const pickle of [
      `N${'\x85'.repeat(deep)}.`,
      `${']'.repeat(deep)}${'a'.repeat(deep - 1)}.`,
      `${'('.repeat(deep)}.`,
      `cm\nf\n${'N\x86'.repeat(deep)}.`,
    ]) {
      expect(catchError(() => run(pickle)).info).toMatchObject({ kind: 'limit', limit: 'pickleDepth' });
    }
  });

  it('lets a list hold itself any number of times', () => {
    const { root } = run(`]q\x00${'h\x00a'.repeat(20_000)}.`);
    expect((root as ListNode).items.length).toBe(20_000);
    expect(showNode(root).length).toBeLessThan(500);
  });

  it('shows a graph that doubles forty times in little text', () => {
    const { root } = run(
      `]q\x00${Array.from({ length: 40 }, (_, i) => `(h${String.fromCharCode(i)}h${String.fromCharCode(i)}lq${String.fromCharCode(i + 1)}`).join('')}.`,
    );
    expect(showNode(root, 200).length).toBeLessThanOrEqual(201);
  });

  it('keeps the first digits of an integer of a megabyte', () => {
    const bytes = new Uint8Array(1_000_006).fill(0x7f);
    bytes.set([0x8b, 0x40, 0x42, 0x0f, 0x00]);
    bytes[bytes.length - 1] = 0x2e;
    const { root } = runPickle(bytes, { file: 'x' });
    expect(root.kind === 'long' && root.digits).toMatch(/^0x7f7f.*… \(8000000 bits\)$/);
  });
});

it('tells the watch what is called before it is', () => {
  const seen: string[] = [];
  const watch = (op: number, at: number, subject: PickleNode) =>
    seen.push(`${String.fromCharCode(op)}@${at} ${showNode(subject)}`);
  runPickle(latin1('cos\nsystem\n(I1\ntR}b.'), { file: 'x', watch });
  expect(seen).toEqual(['c@0 os.system', 'R@16 os.system', 'b@18 os.system(1)']);
});

it('counts mentions and calls of a global', () => {
  const { globals } = run('cos\nsystem\nq\x000h\x00)Rh\x00)R\x86.');
  expect(globals).toMatchObject([{ at: 0, mentions: 1, calls: 2 }]);
});

function catchError(act: () => unknown): StateglassError {
  try {
    act();
  } catch (error) {
    if (error instanceof StateglassError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
