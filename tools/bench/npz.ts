/** A stored .npz of two gigabytes, listed: its directory and the headers of its arrays are read, and none of its elements, which are a hole. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryBytes, encodeDirectory, encodeLocal, type NewMember } from '../../src-core/bytes/zip-write.ts';
import { encodeHeader } from '../../src-core/formats/numpy/npy.ts';
import { openFiles } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { median } from './browser.ts';
import { llama7b, writeSparse } from './sparse.ts';

const RUNS = 5;
/** What a header and its place in the directory take, and a read of 256 bytes for it. */
const MOST_BYTES_EACH = 8192;
const MAX_MS = 300;

export async function benchNpz(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-npz-'));
  const path = join(folder, 'large.npz');
  try {
    const { size, arrays } = await writeLarge(path);
    const times: number[] = [];
    let bytesRead = 0;
    let own = '';
    for (let run = 0; run < RUNS; run++) {
      const started = performance.now();
      const { documents } = await openFiles([{ id: 'large.npz', source: await nodeSource(path) }]);
      times.push(performance.now() - started);
      bytesRead = documents[0]?.bytesRead ?? 0;
      own = listed(documents[0]?.state.entries);
    }
    const rival = runRival(path);
    const misses = [
      median(times) > MAX_MS && `slower than ${MAX_MS} ms`,
      bytesRead > arrays * MOST_BYTES_EACH && `${bytesRead} bytes read`,
      rival && rival.checksum !== own && 'names or shapes differ from the rival',
    ].filter(Boolean);
    console.log(
      JSON.stringify({
        bench: 'formats',
        part: 'npz',
        case: `${(size / 1e9).toFixed(1)} GB, ${arrays} arrays, stored`,
        ms: Math.round(10 * median(times)) / 10,
        runs: times.map(Math.round),
        bytesRead,
        ...(rival && { numpyMs: Math.round(10 * rival.ms) / 10 }),
        checksum: own,
        ...(misses.length > 0 && { misses }),
      }),
    );
    return misses.length === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Listing {
  readonly length: number;
  at(row: number): {
    readonly key: string;
    readonly value: { readonly type: string; readonly shape?: readonly number[] };
  };
}

/** SHA-256 of names and shapes, one a line. */
function listed(entries: Listing | undefined): string {
  const lines = Array.from({ length: entries?.length ?? 0 }, (_, row) => {
    const { key, value } = (entries as Listing).at(row);
    return `${key} ${value.shape?.join(',')}`;
  });
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Names and shapes of a large model, cut to two gigabytes of f32. */
async function writeLarge(path: string): Promise<{ size: number; arrays: number }> {
  const parts: [number, Uint8Array][] = [];
  const members: NewMember[] = [];
  let at = 0;
  for (const { name, shape } of llama7b()) {
    const header = encodeHeader({ dtype: 'f32', shape: shape.map((dim) => Math.ceil(dim / 3.6)) });
    const bytes = shape.reduce((product, dim) => product * Math.ceil(dim / 3.6), 4);
    const size = header.length + bytes;
    const member = { name: new TextEncoder().encode(`${name}.npy`), size, crc: 0, local: at };
    const local = encodeLocal(member);
    parts.push([at, local], [at + local.length, header]);
    members.push(member);
    at += local.length + size;
  }
  parts.push([at, encodeDirectory(members, at)]);
  const size = at + directoryBytes(members, at);
  await writeSparse(path, parts, size);
  return { size, arrays: members.length };
}

function runRival(path: string): { ms: number; checksum: string } | undefined {
  const python = process.env.STATEGLASS_PYTHON ?? 'python3';
  try {
    const script = join(import.meta.dirname, '../../tools/bench/npz_rival.py');
    return JSON.parse(execFileSync(python, [script, path], { encoding: 'utf8' }));
  } catch {
    console.error(`no rival: ${python} has no numpy package (name another in STATEGLASS_PYTHON)`);
    return undefined;
  }
}
