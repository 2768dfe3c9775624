import type { EngineApi } from './api.ts';

const TENSORS = 2000;
const BYTES_EACH = 128;

/**
 * Opens a made-up checkpoint and closes it: the code of reader, tree, summary and numbers is loaded and compiled while nothing else
 * is going on.
 */
export async function warmUp(engine: EngineApi): Promise<void> {
  const rows = Array.from({ length: TENSORS }, (_, i) => {
    const range = `${i * BYTES_EACH},${(i + 1) * BYTES_EACH}`;
    return `"h.${i >> 3}.mlp.${i & 7}.weight":{"dtype":"BF16","shape":[8,8],"data_offsets":[${range}]}`;
  });
  const header = new TextEncoder().encode(`{${rows.join(',')}}`);
  const bytes = new Uint8Array(8 + header.length + TENSORS * BYTES_EACH);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 8);
  const name = 'warm-up.safetensors';
  const { documents } = await engine.open({ files: [{ path: name, handle: { kind: 'buffer', bytes, name } }] });
  for (const { id } of documents) {
    await engine.filter(id, 'mlp dtype:bf16');
    await engine.entry(id, 0);
    await engine.values({ document: id, entry: 0, slice: '::2, :4' });
    await engine.close(id);
  }
}
