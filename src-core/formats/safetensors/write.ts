/**
 * Writes what the reference library writes for the same tensors: the widest types first, then by name; the header
 * padded to a multiple of 8, so that every tensor begins at a multiple of its element size (`prepare` in `tensor.rs`).
 */
import type { Problem, StateDict } from '../../model/state-dict.ts';
import type { Part, Write } from '../format.ts';
import { type TakenTensor, takeTensors, wordNoType } from '../take-tensors.ts';
import { tagOf, tagRank } from './dtype-tags.ts';
import { encodeHeader, type HeaderTensor, METADATA } from './encode-header.ts';

const FORMAT = 'safetensors';

export const write: Write = (state) => {
  const { tensors, losses } = takeTensors(state, {
    format: FORMAT,
    refuse: ({ dtype }, key) => {
      if (key === METADATA) return 'the name is taken by the metadata';
      return tagOf(dtype) === undefined ? wordNoType(dtype) : undefined;
    },
  });
  const sorted = tensors.toSorted(
    (a, b) => tagRank(b.value.dtype) - tagRank(a.value.dtype) || compareCodePoints(a.key, b.key),
  );
  const metadata = metadataOf(state);
  const header = encodeHeader(placeTensors(sorted), metadata.items, 'export');
  const size = sorted.reduce((sum, { bytes }) => sum + bytes, header.length);
  return { size, parts: () => listParts(header, sorted), losses: [...losses, ...metadata.losses] };
};

function* listParts(header: Uint8Array<ArrayBuffer>, tensors: readonly TakenTensor[]): Generator<Part> {
  yield { kind: 'bytes', bytes: header };
  for (const { value, bytes } of tensors) yield { kind: 'elements', value, length: bytes };
}

function placeTensors(tensors: readonly TakenTensor[]): HeaderTensor[] {
  let at = 0;
  return tensors.map(({ key, value, bytes }) => {
    const begin = at;
    at += bytes;
    return { key, tag: tagOf(value.dtype) as string, shape: value.shape, length: bytes, begin };
  });
}

/** Metadata of this format is kept. Loaders ask where tensors come from, so those of a PyTorch file say it as its own tools do. */
function metadataOf({ format, metadata }: StateDict): {
  items: readonly (readonly [string, string])[];
  losses: readonly Problem[];
} {
  const items = new Map<string, string>(format === 'pytorch' ? [['format', 'pt']] : []);
  let lost = 0;
  for (const { section, key, value } of metadata) {
    if (section === METADATA && value.kind === 'string' && !items.has(key)) items.set(key, value.value);
    else lost++;
  }
  const message = `${lost === 1 ? 'One item' : `${lost} items`} of the metadata cannot be kept.`;
  return { items: [...items], losses: lost === 0 ? [] : [{ code: 'metadata-lost', severity: 'note', message }] };
}

/** The library orders names by their UTF-8, which is by code point; JavaScript's own order is that of UTF-16. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    // Half of a pair stands for what is past all single units.
    return isHalf(x) === isHalf(y) ? x - y : isHalf(x) ? 1 : -1;
  }
  return a.length - b.length;
}

const isHalf = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000;
