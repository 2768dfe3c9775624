import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ErrorInfo, toErrorInfo } from '../base/errors.ts';
import type { TemplateValue } from './python-words.ts';
import { detectTemplate, renderTemplate, type TemplateKind } from './template.ts';

interface Case {
  readonly name: string;
  readonly kind: TemplateKind;
  readonly text: string;
  readonly variables: Readonly<Record<string, TemplateValue>>;
  readonly names?: readonly string[];
  readonly rendered?: string;
  readonly error?: { readonly type: string; readonly line?: number; readonly message: string };
}

const GOLDEN = join(import.meta.dirname, '../fixtures/templates/templates.json');
const { entries } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as { entries: readonly Case[] };

const errorOf = (act: () => unknown): ErrorInfo | undefined => {
  try {
    act();
  } catch (error) {
    return toErrorInfo(error);
  }
  return undefined;
};
const render = ({ text, kind, variables }: Case) => renderTemplate(text, kind, variables);

describe.each(entries)('$name', (one) => {
  test('is taken for what it is', () => {
    expect(detectTemplate(one.text).kind).toBe(one.kind);
  });

  test('has the variables that Python finds', () => {
    const { variables, error } = detectTemplate(one.text, one.kind);
    if (one.names) expect([...variables].sort()).toEqual([...one.names].sort());
    // A filter that is not there is found when it is used.
    else if (one.error && !/No filter/.test(one.error.message))
      expect(error).toMatchObject({ kind: 'template', reason: 'syntax' });
  });

  test('is rendered, or refused, as Python does', () => {
    if (one.rendered !== undefined) return expect(render(one)).toBe(one.rendered);
    const error = errorOf(() => render(one));
    if (!one.error) return expect(error).toBeUndefined();
    expect(error).toMatchObject({ kind: 'template' });
    if (error?.kind !== 'template') return;
    if (one.kind === 'jinja') expect(error.line).toBe(one.error.line);
    else expect(error.detail.replace(/'/g, '')).toContain(one.error.message.replace(/'/g, ''));
    if (!/No filter|conversion specifier z/.test(one.error.message)) expect(error.reason).toBe(one.error.type);
  });
});

test('places and lines of str.format', () => {
  expect(renderTemplate('{} and {}', 'format', { 0: 'a', 1: 'b' })).toBe('a and b');
  expect(errorOf(() => renderTemplate('a\n{b}\n{c}', 'format', { b: 1 }))).toMatchObject({
    reason: 'undefined',
    line: 3,
  });
});

test('what a template sets in some case is told apart', () => {
  const { variables, assigned } = detectTemplate('{% if a %}{% set x = 1 %}{% endif %}{{ x }}{{ b }}');
  expect(variables).toEqual(['a', 'x', 'b']);
  expect(assigned).toEqual(['x']);
});

test('what is done with variables', () => {
  const jinja =
    '{% for p in context if p.ok %}{{ p.text | trim }}{{ p.tags[0] }}{% endfor %}{{ user.name.upper() }}{{ q }}';
  expect(detectTemplate(jinja).shapes).toEqual({
    context: { items: { fields: { ok: {}, text: {}, tags: { items: {} } } } },
    user: { fields: { name: {} } },
    q: {},
  });
  expect(detectTemplate('{a.b[0][k]} {c}').shapes).toEqual({
    a: { fields: { b: { items: { fields: { k: {} } } } } },
    c: {},
  });
});

test('chat templates are known by their messages', () => {
  expect(detectTemplate('{% for m in messages %}{{ m.content }}{% endfor %}').isChat).toBe(true);
  expect(detectTemplate('{% for messages in all %}{{ messages }}{% endfor %}').isChat).toBe(false);
});

describe('a hostile template ends soon, with a reason', () => {
  const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  test.each([
    ['a megabyte', '{{ x }}'.repeat(150_000), 'limit'],
    ['a megabyte of openings', '{{ x '.repeat(250_000), 'limit'],
    ['many openings', '{{ x '.repeat(39_000), 'template'],
    ['many comments that never close', '{# '.repeat(60_000), 'template'],
    ['many raws that never close', '{% raw %}'.repeat(20_000), 'template'],
    ['deep brackets', `{{ ${nested('[', ']', 3900)} }}`, 'template'],
    ['deep statements', nested('{% if x %}', '{% endif %}', 9000), 'template'],
    ['blanks in a block', `{{ ${' '.repeat(150_000)} x }}`, 'template'],
    [
      'a loop without end',
      '{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}',
      'template',
    ],
    ['a list without end', '{{ range(999999999) }}', 'template'],
    ['a text that doubles', `{% set x = 'aa' %}${'{% set x = x ~ x %}'.repeat(40)}{{ x }}`, 'template'],
    ['an indent without end', "{{ 'a' | indent(999999999, true) }}", 'template'],
    ['a macro that calls itself', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', 'template'],
  ])('%s', (_, text, kind) => {
    const start = performance.now();
    detectTemplate(text);
    expect(errorOf(() => renderTemplate(text, 'jinja', { x: [] }))?.kind).toBe(kind);
    expect(performance.now() - start).toBeLessThan(8000);
  });

  test.each([
    ['nested specs', '{a:'.repeat(40_000) + '}'.repeat(40_000)],
    ['a field never closed', '{'.repeat(199_999)],
    ['a wide field', '{a:999999999}'],
  ])('%s', (_, text) => {
    const start = performance.now();
    detectTemplate(text);
    expect(errorOf(() => renderTemplate(text, 'format', { a: 'x' }))?.kind).toBe('template');
    expect(performance.now() - start).toBeLessThan(6000);
  });

  test('many fields are read in their time', () => {
    const text = '{a}\n'.repeat(49_000);
    const start = performance.now();
    expect(detectTemplate(text).variables).toEqual(['a']);
    expect(renderTemplate(text, 'format', { a: 'x' })).toHaveLength(98_000);
    expect(performance.now() - start).toBeLessThan(6000);
  });
});
