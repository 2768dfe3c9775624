/**
 * Writes what gguf-py writes for the same items and tensors: version 3, little-endian, each tensor at a multiple of 32 bytes (or of
 * `general.alignment`), in the order of the entries.
 */
import type { MetaItem, Problem, StateDict } from '../../model/state-dict.ts';
import type { Write } from '../format.ts';
import { takeTensors, wordNoType } from '../take-tensors.ts';
import { arrangeFile, bytesPart, type ItemPart, type WrittenItems } from './arrange.ts';
import { encodeItem, encodeListStart } from './encode.ts';
import { ALIGNMENT, alignmentOf } from './read-header.ts';
import { idOfDType } from './tensor-types.ts';
import { METADATA } from './value-types.ts';

const FORMAT = 'GGUF';
const MOST_DIMENSIONS = 4;
/** llama.cpp keeps names in 64 bytes, a zero at the end included. */
const NAME_BYTES = 63;
/** Where other formats keep texts for everybody, whose keys may be any. */
const TEXTS = '__metadata__';

export const write: Write = (state) => {
  const { tensors, losses } = takeTensors(state, {
    format: FORMAT,
    refuse: ({ dtype, shape }) => {
      if (idOfDType(dtype) === undefined) return wordNoType(dtype);
      return shape.length > MOST_DIMENSIONS
        ? `it has ${shape.length} dimensions, and ggml has ${MOST_DIMENSIONS}`
        : undefined;
    },
  });
  const items = itemsOf(state);
  const parted = tensors.map(({ key, value, bytes }) => ({
    key,
    shape: value.shape,
    type: idOfDType(value.dtype) as number,
    length: bytes,
    part: { kind: 'elements', value, length: bytes } as const,
  }));
  const file = arrangeFile(items, parted, alignmentOf(items.kept) ?? ALIGNMENT);
  return { ...file, losses: [...losses, ...items.losses, ...longNames(parted.map(({ key }) => key))] };
};

interface KeptItems extends WrittenItems {
  readonly kept: readonly MetaItem[];
  readonly losses: readonly Problem[];
}

/** Metadata of this format are kept, and texts of others. */
function itemsOf({ format, metadata }: StateDict): KeptItems {
  const kept: MetaItem[] = [];
  const parts: ItemPart[] = [];
  let lost = 0;
  for (const item of metadata) {
    // How a model was split says nothing of one file.
    if (format === 'gguf' && item.key.startsWith('split.')) continue;
    const own = isOurs(item, format) ? partsOf(item) : [];
    if (own.length > 0) kept.push(item);
    else lost++;
    parts.push(...own);
  }
  const message = `${lost === 1 ? 'One item' : `${lost} items`} of the metadata cannot be kept.`;
  return {
    kept,
    count: kept.length,
    parts,
    losses: lost === 0 ? [] : [{ code: 'metadata-lost', severity: 'note', message }],
  };
}

/** What loaders of PyTorch ask for (`format: pt`) is not said of a GGUF. */
const isOurs = ({ section, key, value }: MetaItem, format: string): boolean =>
  format === 'gguf' ? section === METADATA : section === TEXTS && value.kind === 'string' && key !== 'format';

/** Nothing for what cannot be kept: long lists of the first version, and of big-endian files, would have to be turned. */
function partsOf(item: MetaItem): readonly ItemPart[] {
  const { list } = item;
  if (!list) {
    const encoded = encodeItem(item);
    return typeof encoded === 'string' ? [] : [bytesPart(encoded)];
  }
  const { file, offset, length } = list.bytes;
  if (list.endian === 'big' || list.lengthBytes === 4) return [];
  return [bytesPart(encodeListStart(item, list.count)), { kind: 'copy', file, offset, length }];
}

function longNames(keys: readonly string[]): Problem[] {
  const encoder = new TextEncoder();
  const long = keys.filter((key) => encoder.encode(key).length > NAME_BYTES);
  if (long.length === 0) return [];
  const message = `${long.length === 1 ? 'One name is' : `${long.length} names are`} longer than llama.cpp reads (${NAME_BYTES} bytes): ${long.slice(0, 3).join(', ')}.`;
  return [{ code: 'long-name', severity: 'warning', message }];
}
