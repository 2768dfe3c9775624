import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyPath, PartKind, PathPart } from './key.ts';
import { keystr } from './keystr.ts';
import { KEY_SYNTAXES, recogniseSyntax } from './recognise.ts';

const { dotted, tuple, dspy } = KEY_SYNTAXES;
const SYNTAXES = Object.values(KEY_SYNTAXES);

/** Texts that look like keys more often than chance would make them. */
const keyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        'a',
        '0',
        '-1',
        '.',
        '[',
        ']',
        "'",
        '"',
        '\\',
        '(',
        ')',
        ', ',
        ',',
        ' ',
        '\\x41',
        '\n',
        'é',
        '😀',
        '01',
      ),
    )
    .map((p) => p.join('')),
);
const part = fc.string({ unit: 'binary' });
const attr = fc.stringMatching(/^[A-Za-z_é][A-Za-z0-9_]*$/);
const path = (steps: (readonly [PathPart, PartKind])[]): KeyPath => ({
  parts: steps.map((s) => s[0]),
  kinds: steps.map((s) => s[1]),
  raw: null,
});
const step = fc.oneof(
  attr.map((a) => [a, 'attr'] as const),
  part.map((k) => [k, 'key'] as const),
  fc.integer({ min: -5, max: 2 ** 40 }).map((i) => [i, 'index'] as const),
  fc.nat().map((i) => [i, 'flat'] as const),
);

describe.each(SYNTAXES)('$id', (syntax) => {
  it('gives every text back', () => {
    fc.assert(
      fc.property(keyText, (raw) => syntax.format(syntax.parse(raw)) === raw),
      { numRuns: 1000 },
    );
  });
  it('has a kind for every part and never throws', () => {
    fc.assert(
      fc.property(keyText, (raw) => {
        const read = syntax.parse(raw);
        return read.parts.length === read.kinds.length && read.raw === raw;
      }),
    );
  });
  it('keeps a key of too many parts whole', () => {
    for (const raw of ['.a'.repeat(300), '[0]'.repeat(300), `(${"'a', ".repeat(300)}0)`, `a${'.a'.repeat(300)}`]) {
      const { parts } = syntax.parse(raw);
      expect(parts).toEqual([raw]);
    }
  });
});

describe('writing parts that have no text', () => {
  it('keystr reads back what it writes', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const made = path(steps);
        const { parts, kinds } = keystr.parse(keystr.format(made));
        expect({ parts, kinds }).toEqual({ parts: made.parts, kinds: made.kinds });
      }),
    );
  });
  it('tuple reads back what it writes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.integer())), (parts) => {
        const text = tuple.format({ parts, kinds: parts.map(() => 'key'), raw: null });
        expect(tuple.parse(text).parts).toEqual(parts);
      }),
    );
  });
  it('dspy reads back names, positions and plain keys', () => {
    const later = fc.oneof(
      attr.map((a) => [a, 'attr'] as const),
      fc.nat().map((i) => [i, 'index'] as const),
      fc.stringMatching(/^[^'\]]*$/).map((k) => [k, 'key'] as const),
    );
    fc.assert(
      fc.property(attr, fc.array(later), (first, rest) => {
        const made = path([[first, 'attr'], ...rest]);
        const { parts, kinds } = dspy.parse(dspy.format(made));
        expect({ parts, kinds }).toEqual({ parts: made.parts, kinds: made.kinds });
      }),
    );
  });
  it('writes a dotted key in keystr and in tuple', () => {
    const key = { ...dotted.parse("layers.0.a-b.it's"), raw: null };
    expect(keystr.format(key)).toBe(`.layers[0]['a-b']["it's"]`);
    expect(tuple.format(key)).toBe(`('layers', '0', 'a-b', "it's")`);
    expect(dotted.format({ ...tuple.parse("('layers', 0, 'kernel')"), raw: null })).toBe('layers.0.kernel');
  });
});

describe('dotted', () => {
  it('splits at every dot and keeps digits as text', () => {
    expect(dotted.parse('layers.0..w')).toEqual({
      parts: ['layers', '0', '', 'w'],
      kinds: ['unknown', 'unknown', 'unknown', 'unknown'],
      raw: 'layers.0..w',
    });
  });
});

describe('keystr', () => {
  it.each<[string, PathPart[], PartKind[]]>([
    ['', [], []],
    [".first['x']", ['first', 'x'], ['attr', 'key']],
    ['[1].u', [1, 'u'], ['index', 'attr']],
    ['.a[<flat index 3>]', ['a', 3], ['attr', 'flat']],
    [`["it's"]`, ["it's"], ['key']],
    [`['say "it\\'s"']`, [`say "it's"`], ['key']],
    ["['a\\n\\x7f\\u2028\\U0001f600\\\\]']", ['a\n\x7f\u2028😀\\]'], ['key']],
    ["['0'][0]", ['0', 0], ['key', 'index']],
    ['.é', ['é'], ['attr']],
  ])('%s', (raw, parts, kinds) => {
    expect(keystr.parse(raw)).toMatchObject({ parts, kinds });
  });
  it.each(['a.b', '.a..b', '.a[', '.a[01]', '[True]', "['a' ]", "['a\\q']", '[9007199254740993]', '.a]'])(
    'does not understand %s',
    (raw) => {
      expect(keystr.parse(raw)).toEqual({ parts: [raw], kinds: ['unknown'], raw });
    },
  );
  it('marks a position that may be a dict key, and attributes that may be one', () => {
    expect(keystr.parse('[0]').ambiguous).toEqual([[0]]);
    expect(keystr.parse('.a.b').ambiguous).toEqual([['a.b']]);
    expect(keystr.parse(".a.b['c'].d.e.f").ambiguous).toContainEqual(['a', 'b', 'c', 'd.e.f']);
    expect(keystr.parse(".a['b']").ambiguous).toBeUndefined();
    expect(keystr.parse('.a'.repeat(200)).ambiguous).toHaveLength(8);
  });
});

describe('tuple', () => {
  it.each<[string, PathPart[]]>([
    ["('layers', 0, 'kernel')", ['layers', 0, 'kernel']],
    ["('layers', '0')", ['layers', '0']],
    ["('a',)", ['a']],
    ['(0,)', [0]],
    ['()', []],
    ['(-1, "it\'s, (x)")', [-1, "it's, (x)"]],
    ["('a','b')", ['a', 'b']],
  ])('%s', (raw, parts) => {
    expect(tuple.parse(raw).parts).toEqual(parts);
  });
  it.each([
    "('a')",
    '(0)',
    '(,)',
    '(01, 2)',
    "('a' 'b')",
    "('a', True)",
    "('a',",
    "('a', 9007199254740993)",
    "('a',,)",
  ])('does not understand %s', (raw) => {
    expect(tuple.parse(raw)).toEqual({ parts: [raw], kinds: ['unknown'], raw });
  });
});

describe('dspy', () => {
  it.each<[string, PathPart[], PartKind[]]>([
    ['self', ['self'], ['attr']],
    ['extract.predict', ['extract', 'predict'], ['attr', 'attr']],
    ['preds[0]', ['preds', 0], ['attr', 'index']],
    ['programs[1].predict_func', ['programs', 1, 'predict_func'], ['attr', 'index', 'attr']],
    ["d['key']", ['d', 'key'], ['attr', 'key']],
    ["d['it's a.b[0]'].predict", ['d', "it's a.b[0]", 'predict'], ['attr', 'key', 'attr']],
    ["d['']", ['d', ''], ['attr', 'key']],
  ])('%s', (raw, parts, kinds) => {
    expect(dspy.parse(raw)).toMatchObject({ parts, kinds });
  });
  it('marks a key that may go on', () => {
    expect(dspy.parse("a['x'].b['y']").ambiguous).toEqual([['a', "x'].b['y"]]);
    expect(dspy.parse("a['x'].b").ambiguous).toBeUndefined();
  });
});

describe('recogniseSyntax', () => {
  it.each<[string, string[], string]>([
    ['torch', ['layers.0.weight', 'layers.0.bias', ''], 'dotted'],
    ['nothing', [], 'dotted'],
    ['the empty key alone', [''], 'dotted'],
    ['inox', ['.layers[0].weight.value', ".first['x']"], 'keystr'],
    ['a dict at the root', ["['params']['w']"], 'keystr'],
    ['inox with one stranger', ['.layers[0].weight', 'layers.0.weight'], 'dotted'],
    ['nnx', ["('layers', 0, 'kernel')", "('b',)"], 'tuple'],
    ['calls', ['f(x)', '(a)'], 'dotted'],
    ['DSPy', ['extract.predict', 'preds[0]', "d['key']"], 'dspy'],
    ['DSPy without a bracket', ['extract.predict', 'a.predict'], 'dotted'],
    ['a shard suffix under numbered layers', ['layers.0.w[0]', 'layers.0.w[1]'], 'dotted'],
    ['TensorFlow', ['dense/kernel:0', 'dense/bias:0[x]'], 'slash-separated'],
    ['slashes among dots', ['dense/kernel:0', 'head.bias'], 'dotted'],
  ])('%s', (_, sample, id) => {
    expect(recogniseSyntax(sample).id).toBe(id);
  });
});
