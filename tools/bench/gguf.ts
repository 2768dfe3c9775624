/** A GGUF of 40 GB with a vocabulary of 150,000 tokens, from drop to rows: the file is sparse, its header is whole. */
import { mkdtemp, open as openFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFiles } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { dropAndWait, median, memoryGrowth, openApp } from './browser.ts';

const TOKENS = 150_000;
const LAYERS = 80;
const MAX_MS = 500;
const MAX_GROWTH = 64_000_000;
const RUNS = 5;

const STRING = 8;
const ARRAY = 9;
const [F32_ITEM, I32_ITEM] = [6, 5];
const [F32, Q4_K] = [0, 12];
const DATA_TYPES: Readonly<Record<number, (n: number) => number>> = {
  [F32]: (n) => n * 4,
  [Q4_K]: (n) => (n / 256) * 144,
};

export async function benchGguf(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-gguf-'));
  const path = join(folder, 'large.gguf');
  try {
    const { header, size, tensors } = await writeLarge(path);
    const times: number[] = [];
    const growths: number[] = [];
    let bytesRead = 0;
    for (let run = 0; run < RUNS; run++) {
      const bench = await openApp();
      const { result, growth } = await memoryGrowth(() => dropAndWait(bench.page, [path]));
      times.push(result);
      growths.push(growth);
      bytesRead = Number(await bench.page.getByTitle(/^Bytes read/).getAttribute('value'));
      await bench.close();
    }
    const started = performance.now();
    const { documents } = await openFiles([{ id: 'large.gguf', source: await nodeSource(path) }]);
    const nodeMs = performance.now() - started;
    const entries = documents[0]?.state.entries.length;
    const problems = documents[0]?.state.problems.length;
    const misses = [
      median(times) > MAX_MS && `slower than ${MAX_MS} ms`,
      median(growths) > MAX_GROWTH && `more than ${MAX_GROWTH / 1e6} MB`,
      (entries !== tensors || problems !== 0) && `${entries} entries and ${problems} problems`,
    ].filter(Boolean);
    console.log(
      JSON.stringify({
        bench: 'formats',
        part: 'gguf',
        case: `${Math.round(size / 1e9)} GB, ${TOKENS.toLocaleString('en')} tokens`,
        ms: Math.round(median(times)),
        runs: times.map(Math.round),
        nodeMs: Math.round(nodeMs),
        memoryGrowthMB: Math.round(median(growths) / 1e5) / 10,
        header,
        bytesRead,
        entries,
        ...(misses.length > 0 && { misses }),
      }),
    );
    return misses.length === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The layers of a Llama of 70 billion parameters, in blocks of 4 bits. */
function listTensors(): { name: string; dims: readonly number[]; type: number }[] {
  const [width, inner, keys] = [8192, 28_672, 1024];
  const matrix = (name: string, rows: number, columns = width) => ({ name, dims: [columns, rows], type: Q4_K });
  const norm = (name: string) => ({ name, dims: [width], type: F32 });
  const layers = Array.from({ length: LAYERS }, (_, n) => [
    norm(`blk.${n}.attn_norm.weight`),
    matrix(`blk.${n}.attn_q.weight`, width),
    matrix(`blk.${n}.attn_k.weight`, keys),
    matrix(`blk.${n}.attn_v.weight`, keys),
    matrix(`blk.${n}.attn_output.weight`, width),
    norm(`blk.${n}.ffn_norm.weight`),
    matrix(`blk.${n}.ffn_gate.weight`, inner),
    matrix(`blk.${n}.ffn_up.weight`, inner),
    matrix(`blk.${n}.ffn_down.weight`, width, inner),
  ]);
  return [
    matrix('token_embd.weight', TOKENS),
    ...layers.flat(),
    norm('output_norm.weight'),
    matrix('output.weight', TOKENS),
  ];
}

async function writeLarge(path: string): Promise<{ header: number; size: number; tensors: number }> {
  const out: Uint8Array[] = [];
  const put = (bytes: number, write: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    out.push(new Uint8Array(view.buffer));
  };
  const u32 = (n: number) => put(4, (view) => view.setUint32(0, n, true));
  const u64 = (n: number) => put(8, (view) => view.setBigUint64(0, BigInt(n), true));
  const text = (words: string) => {
    const bytes = new TextEncoder().encode(words);
    u64(bytes.length);
    out.push(bytes);
  };
  const list = (key: string, type: number, count: number, item: (i: number) => void) => {
    text(key);
    u32(ARRAY);
    u32(type);
    u64(count);
    for (let i = 0; i < count; i++) item(i);
  };
  const tensors = listTensors();
  out.push(new TextEncoder().encode('GGUF'));
  u32(3);
  u64(tensors.length);
  u64(6);
  text('general.architecture');
  u32(STRING);
  text('llama');
  list('tokenizer.ggml.tokens', STRING, TOKENS, (i) => text(`Ġtoken${i.toString(36)}`));
  list('tokenizer.ggml.scores', F32_ITEM, TOKENS, (i) => put(4, (view) => view.setFloat32(0, -i, true)));
  list('tokenizer.ggml.token_type', I32_ITEM, TOKENS, () => u32(1));
  list('tokenizer.ggml.merges', STRING, TOKENS, (i) => text(`Ġtok en${i.toString(36)}`));
  text('tokenizer.chat_template');
  u32(STRING);
  text('{% for message in messages %}{{ message.content }}{% endfor %}');
  let offset = 0;
  for (const { name, dims, type } of tensors) {
    text(name);
    u32(dims.length);
    for (const dim of dims) u64(dim);
    u32(type);
    u64(offset);
    const bytes = DATA_TYPES[type]?.(dims.reduce((a, b) => a * b, 1)) ?? 0;
    offset = Math.ceil((offset + bytes) / 32) * 32;
  }
  const header = out.reduce((sum, part) => sum + part.length, 0);
  const size = Math.ceil(header / 32) * 32 + offset;
  const file = await openFile(path, 'w');
  await file.write(Buffer.concat(out));
  await file.truncate(size);
  await file.close();
  return { header, size, tensors: tensors.length };
}
