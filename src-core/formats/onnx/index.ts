import type { FileId } from '../../bytes/source.ts';
import type { Format, Likelihood } from '../format.ts';

/**
 * ONNX: one Protocol Buffers message. Reads names, types, shapes and places of tensors (initialisers, constants of nodes, sparse
 * ones, those of subgraphs and functions), the nodes that use them and the metadata; skips their data, in the file and beside it.
 * Specified in https://github.com/onnx/onnx (`onnx/onnx.proto`, `docs/ExternalData.md`).
 */
export const onnx: Format = {
  id: 'onnx',
  label: 'ONNX',
  extensions: ['.onnx'],
  probe,
  gather,
  metadataPlaces: () => [{ section: 'metadata_props', holds: 'texts' }],
  load: async () => {
    const [{ read }, { save }] = await Promise.all([import('./read.ts'), import('./save.ts')]);
    return { read, save };
  },
};

/** Fields of ModelProto and their wire types: 0 is a number, 2 has a length. */
const FIELDS: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
};
const GRAPH = 7;
const NEWEST_IR = 99;

/** There is no magic: the fields at the beginning have to be those of a model, one of them its version or its graph. */
function probe(head: Uint8Array, name: string): Likelihood {
  const otherwise = name.toLowerCase().endsWith('.onnx') ? 'maybe' : 'no';
  let at = 0;
  let known = 0;
  let hasVersion = false;
  while (at < head.length) {
    const tag = readVarint(head, at);
    if (!tag) break;
    const field = Math.floor(tag.value / 8);
    if (FIELDS[field] !== tag.value % 8) return otherwise;
    const value = readVarint(head, tag.end);
    if (!value) break;
    if (field === 1 && (value.value < 1 || value.value > NEWEST_IR)) return otherwise;
    hasVersion ||= field === 1;
    known++;
    // A graph begins with a node, a name, or a tensor: fields that have a length.
    if (field === GRAPH) {
      if ((head[value.end] ?? 2) % 8 !== 2) return otherwise;
      return hasVersion ? 'yes' : isBinary(head) && known > 2 ? 'maybe' : otherwise;
    }
    at = FIELDS[field] === 0 ? value.end : value.end + value.value;
  }
  return hasVersion && known > 1 ? 'yes' : otherwise;
}

/** Letters can be fields by chance; text has no such bytes. */
const isBinary = (head: Uint8Array): boolean => head.some((byte) => byte < 9);

function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 7; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}

/** What lies beside a model and is no file of another kind may hold its tensors: exporters call it as they like. */
const OTHERS =
  /\.(?:onnx|ort|json|txt|md|py|pyc?|ya?ml|toml|csv|safetensors|ptl?|pth|ckpt|gguf|np[yz]|msgpack|h5|keras|model|png|jpe?g|gif|svg|html|js|css|zip|tar|gz|spm|tiktoken)$/i;

function gather(names: readonly FileId[]): readonly (readonly FileId[])[] {
  const folderOf = (id: FileId) => id.slice(0, id.lastIndexOf('/') + 1);
  const models = names.filter((name) => name.toLowerCase().endsWith('.onnx'));
  const others = models.length === 0 ? [] : names.filter((name) => !OTHERS.test(name));
  return models.flatMap((model) => {
    const beside = others.filter((name) => name.startsWith(folderOf(model)));
    return beside.length > 0 ? [[model, ...beside]] : [];
  });
}
