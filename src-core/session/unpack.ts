import { malformed } from '../base/errors.ts';
import type { FileSet } from '../bytes/source.ts';
import { findPacked } from '../model/packed/find-packed.ts';
import type { PackedConfig, PackedWeight } from '../model/packed/packed-weight.ts';
import type { EntryId } from '../model/state-dict.ts';
import type { UnpackArgs } from '../ops/verbs/unpack.ts';
import { findEntry } from './describe.ts';
import type { Document } from './document.ts';
import { readConfig } from './read-config.ts';
import { readStoredBytes, tensorOf } from './values.ts';

/**
 * The args of an edit that unpacks weights: all of them, or those of these keys. Reads `config.json` beside the file and the few hundred
 * bytes in which bitsandbytes keeps what it needs.
 *
 * @throws `malformed` where those bytes are no JSON, `source`, `cancelled`.
 */
export async function planUnpack(
  document: Document,
  keys?: readonly string[],
  signal?: AbortSignal,
): Promise<UnpackArgs> {
  const config = await readPackedConfig(document, signal);
  const wanted = keys && new Set(keys);
  const states: Record<string, unknown> = {};
  for (const weight of findPacked(document.state, config)) {
    if (weight.state === undefined || (wanted && !wanted.has(weight.key))) continue;
    states[weight.key] = await readState(document, weight, weight.state, signal);
  }
  return { ...(keys && { keys }), ...config, ...(Object.keys(states).length > 0 && { states }) };
}

const configs = new WeakMap<FileSet, PackedConfig>();

/** What `config.json` beside a document leaves of its packing to be known. Read once. */
export async function readPackedConfig(document: Document, signal?: AbortSignal): Promise<PackedConfig> {
  const { files } = document;
  const config = configs.get(files) ?? packedConfigOf((await readConfig(document, signal))?.fields);
  configs.set(files, config);
  return config;
}

/** What `quantization` (MLX) and `quantization_config` (transformers) of config.json say. */
export function packedConfigOf(fields: Readonly<Record<string, unknown>> | undefined): PackedConfig {
  const [mlx, transformers] = [fields?.quantization, fields?.quantization_config].map(objectOf);
  const [group] = Object.values(objectOf(transformers?.config_groups));
  const bits = mlx?.bits ?? objectOf(objectOf(group).weights).num_bits;
  return {
    ...(typeof bits === 'number' && { bits }),
    ...(transformers?.checkpoint_format === 'gptq_v2' && { plainZeros: true }),
  };
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** The JSON in which bitsandbytes keeps what it needs of one of its 4-bit weights. @throws `malformed`, `source`, `cancelled`. */
export async function readState(
  document: Document,
  { key }: PackedWeight,
  row: EntryId,
  signal?: AbortSignal,
): Promise<unknown> {
  const { shape } = tensorOf(findEntry(document, row));
  const bytes = await readStoredBytes(
    document,
    row,
    0,
    shape.reduce((n, dim) => n * dim, 1),
    signal,
  );
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw malformed(document.name, document.state.format, `the quant_state of ${key} is no JSON`);
  }
}
