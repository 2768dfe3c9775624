import { countElements, type DType, packedBytes } from '../tensor/dtype.ts';
import type { PathPart } from './keys/key.ts';
import {
  type EntryColumns,
  NO_SHAPE,
  PART_INT,
  PART_TEXT,
  ROLE_ORDER,
  type RoleName,
  VALUE_ORDER,
  type ValueType,
} from './state-dict.ts';

/** For tests and benchmarks only: entry columns from a short description. */
export interface Row {
  /** Text is split at dots, as the dotted syntax does; parts are taken as they are. */
  readonly key: string | readonly PathPart[];
  /** A tensor's. */
  readonly shape?: readonly number[];
  readonly dtype?: DType;
  /** `tensor` with a shape, `text` without. */
  readonly type?: ValueType;
  readonly bytes?: number;
  readonly flags?: number;
  readonly role?: RoleName;
}

export function columnsOf(rows: readonly Row[]): EntryColumns {
  const count = rows.length;
  const encoder = new TextEncoder();
  const chunks: Uint8Array[] = [];
  const pathStart = new Uint32Array(count + 1);
  const types = new Uint8Array(count);
  const dtype = new Uint16Array(count);
  const dtypes: DType[] = [];
  const shape = new Uint32Array(count).fill(NO_SHAPE);
  const shapes: (readonly number[])[] = [];
  const shapeIds = new Map<string, number>();
  const params = new Float64Array(count);
  const bytes = new Float64Array(count);
  const flags = new Uint8Array(count);
  const roles = new Uint8Array(count);
  let length = 0;
  rows.forEach((row, i) => {
    const parts = typeof row.key === 'string' ? row.key.split('.') : row.key;
    for (const part of parts) {
      const text = encoder.encode(String(part));
      chunks.push(Uint8Array.of(typeof part === 'number' ? PART_INT : PART_TEXT), text);
      length += text.length + 1;
    }
    pathStart[i + 1] = length;
    types[i] = VALUE_ORDER.indexOf(row.type ?? (row.shape ? 'tensor' : 'text'));
    flags[i] = row.flags ?? 0;
    roles[i] = ROLE_ORDER.indexOf(row.role ?? 'unknown');
    bytes[i] = row.bytes ?? 0;
    if (!row.shape) return;
    const name = row.dtype ?? 'f32';
    if (!dtypes.includes(name)) dtypes.push(name);
    dtype[i] = dtypes.indexOf(name) + 1;
    const key = row.shape.join();
    let id = shapeIds.get(key);
    if (id === undefined) {
      id = shapes.push(row.shape) - 1;
      shapeIds.set(key, id);
    }
    shape[i] = id;
    params[i] = countElements(row.shape);
    bytes[i] = row.bytes ?? packedBytes(name, params[i]!) ?? 0;
  });
  const paths = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    paths.set(chunk, at);
    at += chunk.length;
  }
  return { count, paths, pathStart, types, dtype, dtypes, shape, shapes, params, bytes, flags, roles };
}

export const tensors = (listing: Readonly<Record<string, readonly number[]>>, dtype: DType = 'f32'): Row[] =>
  Object.entries(listing).map(([key, shape]) => ({ key, shape, dtype }));

/** The names of a Llama, `layers` deep: 9 tensors a layer and 3 around them. */
export function llamaRows(layers: number, width = 4096): Row[] {
  const rows: Row[] = [{ key: 'model.embed_tokens.weight', shape: [32000, width], dtype: 'bf16' }];
  const hidden = Math.round(width * 2.6875);
  for (let i = 0; i < layers; i++) {
    const add = (name: string, shape: number[]) =>
      rows.push({ key: `model.layers.${i}.${name}`, shape, dtype: 'bf16' });
    add('input_layernorm.weight', [width]);
    add('mlp.down_proj.weight', [width, hidden]);
    add('mlp.gate_proj.weight', [hidden, width]);
    add('mlp.up_proj.weight', [hidden, width]);
    add('post_attention_layernorm.weight', [width]);
    for (const p of ['k', 'o', 'q', 'v']) add(`self_attn.${p}_proj.weight`, [width, width]);
  }
  rows.push({ key: 'model.norm.weight', shape: [width], dtype: 'bf16' });
  rows.push({ key: 'lm_head.weight', shape: [32000, width], dtype: 'bf16' });
  return rows;
}

/** A mixture of experts: the layout real files of half a million tensors have. At least `atLeast` entries. */
export function mixtureRows(atLeast: number, experts = 256): Row[] {
  const rows: Row[] = [{ key: 'model.embed_tokens.weight', shape: [129280, 7168], dtype: 'bf16' }];
  for (let layer = 0; rows.length < atLeast; layer++) {
    const at = `model.layers.${layer}`;
    rows.push({ key: `${at}.input_layernorm.weight`, shape: [7168], dtype: 'bf16' });
    for (let expert = 0; expert < experts; expert++) {
      for (const name of ['down_proj', 'gate_proj', 'up_proj']) {
        const shape = name === 'down_proj' ? [7168, 2048] : [2048, 7168];
        const key = `${at}.mlp.experts.${expert}.${name}.weight`;
        rows.push({ key, shape, dtype: 'f8_e4m3fn' });
        rows.push({ key: `${key}_scale_inv`, shape: shape.map((n) => n / 128), dtype: 'f32' });
      }
    }
    rows.push({ key: `${at}.mlp.gate.weight`, shape: [experts, 7168], dtype: 'bf16' });
    for (const p of ['k', 'o', 'q', 'v'])
      rows.push({ key: `${at}.self_attn.${p}_proj.weight`, shape: [7168, 7168], dtype: 'bf16' });
  }
  return rows;
}
