import { expect, test } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import { countingSource } from '../../bytes/counting.ts';
import { checkRange } from '../../bytes/range.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { openFiles } from '../../session/open.ts';
import { readValues } from '../../session/values.ts';
import { onnx } from './index.ts';
import { bytes, ints, join, model, tensor, text, varint } from './make-model.fixture.ts';

async function open(source: ByteSource) {
  const { read } = await onnx.load();
  const found = await read({ id: source.name, source, files: new Map([[source.name, source]]), set: [source.name] });
  if ('decline' in found) throw new Error(found.decline);
  return found.state;
}

/** A file of which only some ranges are not zeros: it takes no memory. */
function sparseSource(size: number, parts: readonly { readonly at: number; readonly bytes: Uint8Array }[]): ByteSource {
  const name = 'large.onnx';
  return {
    name,
    size,
    handle: { kind: 'path', path: name, name },
    async read(start, end) {
      checkRange(name, size, start, end);
      const found = new Uint8Array(end - start);
      for (const { at, bytes: own } of parts) {
        const [from, to] = [Math.max(start, at), Math.min(end, at + own.length)];
        if (from < to) found.set(own.subarray(from - at, to - at), from - start);
      }
      return found;
    },
  };
}

test('tensors of gigabytes are passed over, and cost their headers', async () => {
  const payload = 2 ** 26;
  const count = 40;
  const heads = Array.from({ length: count }, (_, i) => {
    const inner = join(ints(1, [2 ** 12, 2 ** 12]), [0x10, 1], text(8, `layers.${i}.weight`), [0x4a], varint(payload));
    return join([0x2a], varint(inner.length + payload), inner);
  });
  const graph = heads.reduce((sum, { length }) => sum + length + payload, 0);
  const start = join([0x08, 9, 0x3a], varint(graph));
  let at = start.length;
  const parts = [{ at: 0, bytes: start }];
  for (const head of heads) {
    parts.push({ at, bytes: head });
    at += head.length + payload;
  }
  const source = countingSource(sparseSource(at, parts));
  expect(source.size).toBeGreaterThan(2 ** 31);
  const state = await open(source);
  expect(state.entries.length).toBe(count);
  expect(state.storages.get(count - 1)?.data).toEqual({
    kind: 'slices',
    slices: [{ file: 'large.onnx', offset: at - payload, length: payload }],
  });
  expect(source.bytesRead).toBeLessThan(count * 5000 + 2 ** 17);
  expect(state.problems.map(({ code }) => code)).toEqual(['too-large']);
});

test('long lists of varying length are unpacked where they are looked at', async () => {
  const numbers = Array.from({ length: 60_000 }, (_, i) => BigInt(i) ** 3n * (i % 2 ? -1n : 1n));
  const file = model(bytes(5, tensor('positions', 7, [numbers.length], ints(7, numbers))));
  const source = countingSource(bufferSource(file, 'x.onnx'));
  const { documents } = await openFiles([{ id: 'x.onnx', source }]);
  expect(documents[0]!.state.storages.get(0)?.data.kind).toBe('derived');
  expect(source.bytesRead).toBeLessThan(2 ** 17);
  const { values } = await readValues(documents[0]!, 0, '59990:');
  expect(Array.from(values, String)).toEqual(numbers.slice(59_990).map(String));
  const all = await readValues(documents[0]!, 0);
  expect(all.values).toEqual(BigInt64Array.from(numbers));
});

test('a file that is cut off in a tensor shows what comes before it', async () => {
  const weight = (name: string) => bytes(5, tensor(name, 1, [4], bytes(9, new Uint8Array(16).fill(1))));
  const whole = model(weight('a'), weight('b'));
  const cut = whole.slice(0, whole.length - 10);
  const state = await open(bufferSource(cut, 'x.onnx'));
  expect([0, 1].map((id) => state.storages.get(id)?.data.kind)).toEqual(['slices', 'absent']);
  expect(state.problems.map(({ code }) => code)).toEqual(['truncated', 'bad-tensor']);
});

test('names with slashes are paths, and stay as they are written', async () => {
  const state = await open(
    bufferSource(
      model(bytes(5, tensor('/model/layers.0/Constant_output_0', 1, [1], bytes(9, new Uint8Array(4))))),
      'x.onnx',
    ),
  );
  const { key, path } = state.entries.at(0);
  expect(key).toBe('/model/layers.0/Constant_output_0');
  expect(path.parts).toEqual(['model', 'layers', '0', 'Constant_output_0']);
});
