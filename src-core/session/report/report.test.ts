import { describe, expect, it, test } from 'vitest';
import { stateOf } from '../../diff/states.fixture.ts';
import { readJsonText } from '../../model/json-text.ts';
import type { Value } from '../../model/state-dict.ts';
import { compareDocuments } from '../compare.ts';
import type { Document } from '../document.ts';
import { reportAsHtml } from './html.ts';
import { reportAsJson } from './json.ts';
import { reportAsMarkdown } from './markdown.ts';
import { makeReport } from './report.ts';
import { reportAsText } from './text.ts';

const text = (value: string): Value => ({ type: 'text', text: value });
const document = (name: string, entries: Readonly<Record<string, readonly number[] | Value>>): Document => ({
  name,
  state: stateOf(entries),
  files: new Map(),
  bytesRead: 0,
});
const reportOf = async (a: Document, b: Document) => makeReport(await compareDocuments(a, b), a, b);

const A = document('before', {
  'fc1.weight': [64, 10],
  'fc1.bias': [64],
  gone: [3],
  prompt: text('Answer the customer.\nBe polite.'),
  config: { type: 'json', json: readJsonText('{"rate": 0.1, "tags": ["a"]}', 'a') },
  steps: { type: 'int', digits: '100' },
});
const B = document('after', {
  'fc1.weight': [64, 12],
  'fc1.bias': [64],
  new: [2, 2],
  prompt: text('Answer the customer.\nBe brief.'),
  config: { type: 'json', json: readJsonText('{"rate": 0.2, "tags": ["a", "b"]}', 'b') },
  steps: { type: 'int', digits: '200' },
});

test('for a terminal', async () => {
  expect(reportAsText(await reportOf(A, B))).toBe(`before → after
7 entries: 4 changed, 1 removed, 1 added, 1 the same
Values of tensors were not read.

~ fc1.weight  f32 [64, 10] → [64, 12]
~ prompt  text
    @@ -1,2 +1,2 @@
     Answer the customer.
    -Be polite.
    +Be brief.
~ config  json
    ~ rate: 0.1 → 0.2
    + tags[1]: "b"
~ steps  int, 100 → 200

- gone  f32 [3]

+ new  f32 [2, 2]
`);
});

test('as JSON: those that differ, or all', async () => {
  const comparison = await compareDocuments(A, B);
  const { summary, entries } = JSON.parse(reportAsJson(comparison, A, B));
  expect(summary).toEqual({ same: 1, changed: 4, added: 1, removed: 1, renamed: 0 });
  expect(entries).toHaveLength(6);
  expect(entries[0]).toEqual({
    status: 'changed',
    keyA: 'fc1.weight',
    keyB: 'fc1.weight',
    shapeA: [64, 10],
    shapeB: [64, 12],
    dtypeA: 'f32',
    dtypeB: 'f32',
  });
  expect(entries.at(-1)).toEqual({ status: 'changed', keyA: 'steps', keyB: 'steps' });
  expect(JSON.parse(reportAsJson(comparison, A, B, true)).entries).toHaveLength(7);
  expect(reportAsJson(await compareDocuments(A, A), A, A)).toBe(
    '{"summary":{"same":6,"changed":0,"added":0,"removed":0,"renamed":0},"entries":[]}\n',
  );
});

test('numbers that JSON has not are texts', async () => {
  const comparison = await compareDocuments(A, B);
  const values = new Map([[0, { identical: false, maxAbs: Number.NaN, relL2: Number.POSITIVE_INFINITY }]]);
  const { entries } = JSON.parse(reportAsJson({ ...comparison, values }, A, B));
  expect(entries[0]).toMatchObject({ maxAbs: 'NaN', relL2: 'Infinity' });
});

describe('nothing in a file becomes markup', () => {
  const evil = '<script>alert(1)</script><img src=x onerror="x()">`|`\n| a | b |\n```\n# head';
  const a = document(evil, { [evil]: text(`${evil}one`), 'a.b': [1] });
  const b = document(evil, {
    [evil]: text(`${evil}two`),
    [`${evil}2`]: { type: 'json', json: readJsonText('"<b>"', 'e') },
  });

  it('in HTML', async () => {
    const html = reportAsHtml(await reportOf(a, b));
    expect(html).not.toMatch(/<script|<img|<b>/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).not.toMatch(/<[^>]*\s(?:src|href|on\w+)=/i);
    // Every element that is opened is closed: a key has not ended one.
    const opened = html.match(/<(?!meta|!)[a-z]\w*/g)?.length;
    expect(html.match(/<\/\w+>/g)?.length).toBe(opened);
  });

  it('in Markdown', async () => {
    const lines = reportAsMarkdown(await reportOf(a, b)).split('\n');
    const rows = lines.filter((line) => line.startsWith('| '));
    // Three cells in every row, however many bars a key has.
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(5);
    expect(lines.filter((line) => line.startsWith('# '))).toHaveLength(1);
    const fences = lines.filter((line) => /^`{3,}/.test(line));
    expect(fences.filter((line) => line.startsWith('````'))).toHaveLength(2);
  });
});

test('nothing in either', async () => {
  const empty = document('nothing', {});
  expect(reportAsText(await reportOf(empty, empty))).toBe('nothing → nothing\nNothing is in either\n');
});
