import { expect, test } from 'vitest';
import { readConversation, readSample, sampleText, sampleValue } from './sample-values.ts';

test('samples have the shape that a template takes them for', () => {
  expect(sampleValue('context', { items: { fields: { text: {}, source: {} } } })).toEqual([
    { text: expect.stringMatching(/chain/), source: 'manual.pdf' },
    { text: expect.stringMatching(/chain/), source: 'manual.pdf' },
  ]);
  expect(sampleValue('user', { fields: { name: {} } })).toEqual({ name: 'Ada Lovelace' });
  expect(sampleValue('tone', undefined)).toBe('‹tone›');
  expect(readConversation(sampleValue('messages', { items: { fields: { role: {} } } }))).toHaveLength(4);
});

test('what is typed comes back as it was, words or JSON', () => {
  for (const value of ['words', '42', 'true', '', '"quoted"', 42, true, null, ['a'], { a: [1] }])
    expect(readSample(sampleText(value))).toEqual(value);
});

test('what is no plain conversation is edited as JSON', () => {
  expect(readConversation([{ role: 'user', content: [{ type: 'text' }] }])).toBeUndefined();
  expect(readConversation([{ role: 'user', content: 'x', tool_calls: [] }])).toBeUndefined();
  expect(readConversation('words')).toBeUndefined();
});
