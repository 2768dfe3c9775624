/**
 * What listing an ONNX file of two gigabytes costs, with its tensors in it and beside it, against `onnx.load(load_external_data=False)`. Its
 * numbers are a hole in the file; both list the same names.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, open as openFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageWriter } from '../../src-core/bytes/proto-writer.ts';
import { openFiles } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { round, runPython, tellLine } from './turns.ts';

/** A model of 124 blocks, each with a projection of 16 MB and a bias: 2 GB, and below the 2 GiB that such a file can have. */
const BLOCKS = 124;
const WIDTH = 2048;
const MATRIX = WIDTH * WIDTH * 4;
const RUNS = 5;
const MAX_READ = 2_000_000;
const MAX_MS = 500;

interface Rival {
  readonly ms: number;
  readonly checksum: string;
}

export async function benchOnnx(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-onnx-'));
  try {
    const inside = await measure('2 GB onnx, tensors in it', folder, [await writeInline(folder)]);
    const beside = await measure('2 GB onnx, tensors beside it', folder, await writeExternal(folder));
    return inside && beside;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(name: string, folder: string, files: readonly string[]): Promise<boolean> {
  const times: number[] = [];
  const busy: number[] = [];
  let [checksum, bytesRead] = ['', 0];
  for (let run = 0; run < RUNS; run++) {
    const sources = await Promise.all(files.map(async (id) => ({ id, source: await nodeSource(join(folder, id)) })));
    const begun = performance.now();
    const before = process.cpuUsage();
    const { documents } = await openFiles(sources);
    times.push(performance.now() - begun);
    const { user, system } = process.cpuUsage(before);
    busy.push((user + system) / 1000);
    const document = documents[0];
    if (!document) throw new Error(`${files[0]} does not open`);
    const { entries, storages } = document.state;
    const names: string[] = [];
    for (let row = 0; row < entries.length; row++) names.push(entries.at(row).key);
    if (storages.get(0)?.data.kind !== 'slices') throw new Error('the tensors have no place');
    checksum = createHash('sha256').update(names.sort().join('\n')).digest('hex');
    bytesRead = document.bytesRead;
  }
  const rival = runPython<Rival>('onnx_rival', [join(folder, files[0] as string)]);
  // The first run loads the reader; what else the machine does meets some of the others.
  const ms = Math.min(...times);
  const line = {
    bench: 'formats',
    case: name,
    tensors: 2 * BLOCKS,
    ms: round(ms),
    cpuMs: round(Math.min(...busy)),
    bytesRead,
    onnxMs: round(rival.ms),
    ratio: round(rival.ms / ms),
    checksum,
  };
  return tellLine(line, [
    checksum !== rival.checksum && 'names differ from those of onnx',
    bytesRead > MAX_READ && `more than ${MAX_READ} bytes are read`,
    ms > MAX_MS && `slower than ${MAX_MS} ms`,
  ]);
}

interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly bytes: number;
}

const TENSORS: readonly Tensor[] = Array.from({ length: BLOCKS }, (_, i): readonly Tensor[] => [
  { name: `blocks.${i}.proj.weight`, dims: [WIDTH, WIDTH], bytes: MATRIX },
  { name: `blocks.${i}.proj.bias`, dims: [WIDTH], bytes: WIDTH * 4 },
]).flat();

const fieldsOf = ({ name, dims }: Tensor): MessageWriter => new MessageWriter().ints(1, dims).int(2, 1).text(8, name);

/** Tag and length of a message. */
function headOf(field: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (let rest of [field * 8 + 2, length]) {
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** Nodes that take every tensor, and what else a graph has. */
function graphRest(): Uint8Array {
  const to = new MessageWriter();
  for (let i = 0; i < BLOCKS; i++)
    to.message(1, (node) =>
      node
        .text(1, `x${i}`)
        .text(1, `blocks.${i}.proj.weight`)
        .text(1, `blocks.${i}.proj.bias`)
        .text(2, `x${i + 1}`)
        .text(3, `/blocks.${i}/proj/Gemm`)
        .text(4, 'Gemm'),
    );
  return to.text(2, 'large').done;
}

const modelStart = (): Uint8Array => new MessageWriter().int(1, 9).text(2, 'bench').done;
const after = (): Uint8Array => new MessageWriter().message(8, (opset) => opset.text(1, '').int(2, 20)).done;

async function writeInline(folder: string): Promise<string> {
  const heads = TENSORS.map((tensor) => {
    const fields = fieldsOf(tensor).done;
    const raw = headOf(9, tensor.bytes);
    const head = headOf(5, fields.length + raw.length + tensor.bytes);
    return Buffer.concat([head, fields, raw]);
  });
  const rest = graphRest();
  const graph = heads.reduce((sum, head, i) => sum + head.length + (TENSORS[i] as Tensor).bytes, rest.length);
  const file = await openFile(join(folder, 'inline.onnx'), 'w');
  let at = 0;
  const put = async (bytes: Uint8Array) => {
    await file.write(bytes, 0, bytes.length, at);
    at += bytes.length;
  };
  await put(modelStart());
  await put(headOf(7, graph));
  await put(rest);
  for (const [i, head] of heads.entries()) {
    await put(head);
    at += (TENSORS[i] as Tensor).bytes;
  }
  await put(after());
  await file.close();
  return 'inline.onnx';
}

async function writeExternal(folder: string): Promise<readonly string[]> {
  let offset = 0;
  const graph = new MessageWriter();
  for (const tensor of TENSORS) {
    const place = { location: 'external.data', offset: String(offset), length: String(tensor.bytes) };
    const to = fieldsOf(tensor);
    for (const [key, value] of Object.entries(place)) to.message(13, (entry) => entry.text(1, key).text(2, value));
    graph.bytes(5, to.int(14, 1).done);
    offset += tensor.bytes;
  }
  const whole = Buffer.concat([graph.done, graphRest()]);
  await writeFile(
    join(folder, 'external.onnx'),
    Buffer.concat([modelStart(), headOf(7, whole.length), whole, after()]),
  );
  const file = await openFile(join(folder, 'external.data'), 'w');
  await file.truncate(offset);
  await file.close();
  return ['external.onnx', 'external.data'];
}
