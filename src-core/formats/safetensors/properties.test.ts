import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import { codesOf, fileOf, keysOf, openOne } from './make-file.fixture.ts';

/** Keys that are like keys, and keys that are anything, surrogates included. */
const key = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'layers', '0', '10', 'weight', '__proto__', 'é', '😀', ''), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => parts.join('.')),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
);
const DTYPES = { F32: 4, F16: 2, U8: 1, I64: 8, BOOL: 1, C64: 8 } as const;
const tensor = fc.record({
  dtype: fc.constantFrom(...(Object.keys(DTYPES) as (keyof typeof DTYPES)[])),
  shape: fc.array(fc.nat({ max: 5 }), { maxLength: 4 }),
});
const space = fc.stringMatching(/^[ \n\r\t]{0,3}$/);

/** JSON of the tensors, laid end to end, with white space of `gaps` and escapes where `isEscaped` says so. */
function write(
  tensors: readonly (readonly [string, { dtype: keyof typeof DTYPES; shape: readonly number[] }])[],
  gap: string,
  isEscaped: boolean,
) {
  let at = 0;
  const members = tensors.map(([name, { dtype, shape }]) => {
    const bytes = shape.reduce((a, b) => a * b, 1) * DTYPES[dtype];
    const text = isEscaped
      ? `"${Array.from({ length: name.length }, (_, i) => `\\u${name.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(name);
    const value = `{${gap}"dtype"${gap}:"${dtype}",${gap}"shape":[${shape.join(`${gap},`)}],"data_offsets":[${at},${gap}${at + bytes}]}`;
    at += bytes;
    return `${gap}${text}${gap}:${value}`;
  });
  return { header: `{${members.join(`${gap},`)}${gap}}`, size: at };
}

describe('any header', () => {
  it('says what JSON.parse says, and every key comes back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(key, tensor), { selector: ([name]) => name, maxLength: 30 }),
        space,
        fc.boolean(),
        async (tensors, gap, isEscaped) => {
          const named = tensors.filter(([name]) => name !== '__metadata__');
          const { header, size } = write(named, gap, isEscaped);
          const { state } = await openOne(header, size);
          const oracle = new Map(
            Object.entries(
              JSON.parse(header) as Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>,
            ),
          );
          expect(keysOf(state)).toEqual(named.map(([name]) => name));
          const columns = state.entries.columns();
          for (let row = 0; row < state.entries.length; row++) {
            const entry = state.entries.at(row);
            const wanted = oracle.get(entry.key)!;
            expect(entry.value).toMatchObject({ type: 'tensor', shape: wanted.shape });
            expect(columns.shapes[columns.shape[row]!]).toEqual(wanted.shape);
            const [begin, end] = wanted.data_offsets as [number, number];
            const { data } = state.storages.get(row)!;
            expect(data).toMatchObject({
              slices: [{ offset: 8 + new TextEncoder().encode(header).length + begin, length: end - begin }],
            });
          }
          const serious = codesOf(state).filter(
            (code) => !['unaligned-header', 'misaligned', 'lone-surrogate'].includes(code),
          );
          expect(serious).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('that JSON.parse refuses is refused, and the other way round', async () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"\\n"',
      '\\',
      '1',
      '-0',
      '01',
      '1e5',
      '.5',
      'true',
      'null',
      ' ',
      '\n',
      '\t',
      '\u0001',
      'é',
      '"b":2',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        // One good tensor before it, so that only the JSON decides.
        const text = `{"t":{"dtype":"U8","shape":[],"data_offsets":[0,1]}${pieces.join('')}}`;
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        const opened = await openOne(fileOf(text, 1).slice(8, -1), 1).then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(StateglassError);
            return false;
          },
        );
        expect(opened).toBe(isJson);
      }),
      { numRuns: 2000 },
    );
  });
});
