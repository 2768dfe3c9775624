/**
 * A model as several safetensors files and an index, cut as `split_torch_state_dict_into_shards` of huggingface_hub cuts it: tensors
 * in their order, a new shard when the next would be too long, one that is too long by itself alone in its own. Of tied tensors each is
 * written, so each counts; the library writes one of them and leaves the other names out.
 */
import { StateglassError } from '../base/errors.ts';
import type { Problem } from '../model/state-dict.ts';
import type { Document } from './document.ts';
import { type ExportPlan, planExport } from './export.ts';
import { planWritten } from './written-tensors.ts';

export interface ShardRequest {
  /** Bytes of tensors in a file; a longer tensor has a file of its own. */
  readonly maxBytes: number;
  /** What the files' names begin with: `model` makes `model-00001-of-00004.safetensors`. */
  readonly name: string;
}

export interface ShardsPlan {
  readonly shards: readonly { readonly file: string; readonly plan: ExportPlan }[];
  /** Absent when one file holds all. */
  readonly index?: { readonly file: string; readonly bytes: Uint8Array<ArrayBuffer> };
  readonly losses: readonly Problem[];
}

const FORMAT = 'safetensors';

/**
 * Plans a document's tensors as shards; reads none of them.
 *
 * @throws `bad-input` for a size that is no positive number and for a document without tensors, and what `planExport` throws.
 */
export async function planShards(document: Document, { maxBytes, name }: ShardRequest): Promise<ShardsPlan> {
  if (!(maxBytes > 0)) throw new StateglassError({ kind: 'bad-input', detail: 'the size of a shard is more than 0' });
  const { losses } = await planExport(document, { format: FORMAT });
  const { groups, bytes } = divide(document, maxBytes);
  if (groups.length === 0) throw new StateglassError({ kind: 'bad-input', detail: `${document.name} has no tensor` });
  const fileOf = (i: number): string => {
    if (groups.length === 1) return `${name}.safetensors`;
    const digits = (number: number) => String(number).padStart(5, '0');
    return `${name}-${digits(i + 1)}-of-${digits(groups.length)}.safetensors`;
  };
  const plans = groups.map(async (rows, i) => ({
    file: fileOf(i),
    plan: await planExport(document, { format: FORMAT, rows }),
  }));
  const shards = await Promise.all(plans);
  if (groups.length === 1) return { shards, losses };
  const keys = groups.map((rows) => rows.map((row) => document.state.entries.at(row).key));
  const weights = keys.flatMap((of, i) => of.map((key) => `    ${toAscii(key)}: ${toAscii(fileOf(i))}`));
  const text = `{\n  "metadata": {\n    "total_size": ${bytes}\n  },\n  "weight_map": {\n${weights.join(',\n')}\n  }\n}`;
  return {
    shards,
    index: { file: `${name}.safetensors.index.json`, bytes: new TextEncoder().encode(text) },
    losses,
  };
}

/** Rows of each shard, and bytes of all. */
function divide(document: Document, maxBytes: number): { groups: readonly (readonly number[])[]; bytes: number } {
  const { entries } = document.state;
  const groups: number[][] = [];
  let shard: number[] = [];
  let held = 0;
  let bytes = 0;
  for (let row = 0; row < entries.length; row++) {
    const entry = entries.at(row);
    if (entry.value.type !== 'tensor') continue;
    const more = planWritten(document, entry, undefined, {}).origin.bytes;
    bytes += more;
    // Its place is before the shard that is being filled, which goes on behind it.
    if (more > maxBytes) {
      groups.push([row]);
      continue;
    }
    if (held + more > maxBytes) {
      groups.push(shard);
      shard = [];
      held = 0;
    }
    shard.push(row);
    held += more;
  }
  if (shard.length > 0) groups.push(shard);
  return { groups, bytes };
}

/** As Python's `json` writes a text. */
const toAscii = (text: string): string =>
  JSON.stringify(text).replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
