import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLink, webAddress, writeLink } from './deep-link.ts';

test('a link says what it was written with, whatever is in the names', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' });
  fc.assert(
    fc.property(
      fc.record({ document: text, key: text, view: text, slice: text, filter: text }, { requiredKeys: [] }),
      (link) => {
        expect(readLink(writeLink(link))).toEqual(link);
      },
    ),
  );
});

test('addresses stay readable in a link', () => {
  const link = { url: 'https://example.org/a/model.safetensors', key: 'h.0.attn' };
  expect(writeLink(link)).toBe('#url=https://example.org/a/model.safetensors&key=h.0.attn');
});

test('only web addresses are addresses', () => {
  expect(webAddress(' https://example.org/x ')?.host).toBe('example.org');
  for (const text of ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'http:// spaced', 'weights']) {
    expect(webAddress(text)).toBeUndefined();
  }
});

test('a link to what health was called at first leads there', () => {
  expect(readLink('#doc=a.pt&view=problems')).toEqual({ document: 'a.pt', view: 'health' });
});
