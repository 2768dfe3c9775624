/**
 * Big checkpoints without big disks: real headers over sparse files, made on the fly for tests and benchmarks. Layouts are those of
 * the real writers (safetensors' own order and padding; torch's zip with data descriptors and 64-byte aligned members).
 */
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Names and shapes of Llama-2 7B as Hugging Face stores it: 291 tensors, 6.74 G parameters. */
export function llama7b(layers = 32): TensorSpec[] {
  const specs: TensorSpec[] = [{ name: 'model.embed_tokens.weight', shape: [32000, 4096] }];
  for (let i = 0; i < layers; i++) {
    const at = `model.layers.${i}`;
    for (const p of ['q', 'k', 'v', 'o']) specs.push({ name: `${at}.self_attn.${p}_proj.weight`, shape: [4096, 4096] });
    for (const p of ['gate', 'up']) specs.push({ name: `${at}.mlp.${p}_proj.weight`, shape: [11008, 4096] });
    specs.push({ name: `${at}.mlp.down_proj.weight`, shape: [4096, 11008] });
    for (const p of ['input', 'post_attention']) specs.push({ name: `${at}.${p}_layernorm.weight`, shape: [4096] });
  }
  return [...specs, { name: 'model.norm.weight', shape: [4096] }, { name: 'lm_head.weight', shape: [32000, 4096] }];
}

/** A mixture of experts with exactly `count` tensors, 384 experts a layer, small shapes. */
export function mixtureOfExperts(count: number): TensorSpec[] {
  const specs: TensorSpec[] = [{ name: 'model.embed_tokens.weight', shape: [1024, 64] }];
  const per = ['gate_proj', 'up_proj', 'down_proj'];
  for (let layer = 0; specs.length < count; layer++) {
    for (const p of ['q', 'k', 'v', 'o'])
      specs.push({ name: `model.layers.${layer}.self_attn.${p}_proj.weight`, shape: [64, 64] });
    for (let expert = 0; expert < 384; expert++) {
      for (const p of per)
        specs.push({
          name: `model.layers.${layer}.mlp.experts.${expert}.${p}.weight`,
          shape: p === 'down_proj' ? [64, 32] : [32, 64],
        });
    }
  }
  return specs.slice(0, count);
}

const elements = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** Writes a bf16 safetensors file; the data is a hole. Returns its size in bytes and its header's. */
export async function writeSafetensors(
  path: string,
  specs: readonly TensorSpec[],
): Promise<{ size: number; header: number }> {
  const sorted = [...specs].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows: string[] = ['"__metadata__":{"format":"pt"}'];
  let offset = 0;
  for (const { name, shape } of sorted) {
    const end = offset + elements(shape) * 2;
    rows.push(`${JSON.stringify(name)}:{"dtype":"BF16","shape":[${shape}],"data_offsets":[${offset},${end}]}`);
    offset = end;
  }
  let json = `{${rows.join(',')}}`;
  json += ' '.repeat((8 - (json.length % 8)) % 8);
  const head = Buffer.alloc(8 + json.length);
  head.writeBigUInt64LE(BigInt(json.length));
  head.write(json, 8, 'utf8');
  await writeSparse(path, [[0, head]], head.length + offset);
  return { size: head.length + offset, header: head.length };
}

export async function writeSparse(
  path: string,
  parts: readonly (readonly [number, Uint8Array])[],
  size: number,
): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const [at, bytes] of parts) await file.write(bytes, 0, bytes.length, at);
    await file.truncate(size);
  } finally {
    await file.close();
  }
}

/** Writes a `torch.save(state_dict)` zip of f32 tensors, zip64 where it must; the data is a hole. Returns its size in bytes. */
export async function writeTorchZip(path: string, specs: readonly TensorSpec[]): Promise<number> {
  const parts: [number, Uint8Array][] = [];
  const central: Buffer[] = [];
  let at = 0;
  const add = (name: string, content: Uint8Array | number) => {
    const file = Buffer.from(`archive/${name}`);
    const size = typeof content === 'number' ? content : content.length;
    const crc = typeof content === 'number' ? 0 : crc32(content);
    const bare = at + 30 + file.length + 4;
    const filler = (64 - (bare % 64)) % 64;
    const extra = Buffer.alloc(4 + filler, 'Z');
    extra.write('FB', 0);
    extra.writeUInt16LE(filler, 2);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(0x0808, 6);
    local.writeUInt16LE(file.length, 26);
    local.writeUInt16LE(extra.length, 28);
    const start = at + 30 + file.length + extra.length;
    parts.push([at, Buffer.concat([local, file, extra])]);
    if (typeof content !== 'number') parts.push([start, content]);
    const descriptor = Buffer.alloc(16);
    descriptor.writeUInt32LE(0x08074b50, 0);
    descriptor.writeUInt32LE(crc, 4);
    descriptor.writeUInt32LE(size, 8);
    descriptor.writeUInt32LE(size, 12);
    parts.push([start + size, descriptor]);
    central.push(centralEntry(file, crc, size, at));
    at = start + size + descriptor.length;
  };
  add('data.pkl', pickleStateDict(specs));
  add('.format_version', Buffer.from('1'));
  add('.storage_alignment', Buffer.from('64'));
  add('byteorder', Buffer.from('little'));
  specs.forEach(({ shape }, i) => {
    add(`data/${i}`, elements(shape) * 4);
  });
  add('version', Buffer.from('3\n'));
  const tail = Buffer.concat([...central, endOfDirectory(central, at)]);
  parts.push([at, tail]);
  await writeSparse(path, parts, at + tail.length);
  return at + tail.length;
}

function centralEntry(name: Buffer, crc: number, size: number, at: number): Buffer {
  const far = at >= 0xffffffff;
  const head = Buffer.alloc(46);
  head.writeUInt32LE(0x02014b50, 0);
  head.writeUInt16LE(0x0808, 8);
  head.writeUInt32LE(crc, 16);
  head.writeUInt32LE(size, 20);
  head.writeUInt32LE(size, 24);
  head.writeUInt16LE(name.length, 28);
  head.writeUInt16LE(far ? 12 : 0, 30);
  head.writeUInt32LE(far ? 0xffffffff : at, 42);
  if (!far) return Buffer.concat([head, name]);
  const extra = Buffer.alloc(12);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8, 2);
  extra.writeBigUInt64LE(BigInt(at), 4);
  return Buffer.concat([head, name, extra]);
}

function endOfDirectory(central: readonly Buffer[], at: number): Buffer {
  const size = central.reduce((sum, entry) => sum + entry.length, 0);
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(central.length), 24);
  record.writeBigUInt64LE(BigInt(central.length), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(at), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(at + size), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(0xffff, 8);
  end.writeUInt16LE(0xffff, 10);
  end.writeUInt32LE(0xffffffff, 12);
  end.writeUInt32LE(0xffffffff, 16);
  return Buffer.concat([record, locator, end]);
}

/** Protocol 2 of an OrderedDict of contiguous f32 tensors, one storage each, as torch writes it. */
function pickleStateDict(specs: readonly TensorSpec[]): Buffer {
  const out: Buffer[] = [Buffer.from([0x80, 2])];
  const raw = (text: string) => out.push(Buffer.from(text, 'latin1'));
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    const head = Buffer.from([0x58, 0, 0, 0, 0]);
    head.writeUInt32LE(bytes.length, 1);
    out.push(head, bytes);
  };
  const int = (value: number) => {
    if (value < 2 ** 31) {
      const bytes = Buffer.from([0x4a, 0, 0, 0, 0]);
      bytes.writeInt32LE(value, 1);
      out.push(bytes);
    } else {
      const bytes = Buffer.alloc(10);
      bytes.writeUInt16LE(0x088a, 0);
      bytes.writeBigInt64LE(BigInt(value), 2);
      out.push(bytes);
    }
  };
  const tuple = (values: readonly number[]) => {
    raw('(');
    values.forEach(int);
    raw('t');
  };
  raw('ccollections\nOrderedDict\n)R(');
  specs.forEach(({ name, shape }, i) => {
    text(name);
    raw('ctorch._utils\n_rebuild_tensor_v2\n((');
    text('storage');
    raw('ctorch\nFloatStorage\n');
    text(String(i));
    text('cpu');
    int(elements(shape));
    raw('tQ');
    int(0);
    tuple(shape);
    tuple(shape.map((_, d) => elements(shape.slice(d + 1))));
    raw('\x89ccollections\nOrderedDict\n)RtR');
  });
  raw('u.');
  return Buffer.concat(out);
}
