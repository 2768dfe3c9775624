import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import { bufferSource } from '../../bytes/buffer.ts';
import { countingSource } from '../../bytes/counting.ts';
import type { Entry, StateDict, TensorValue } from '../../model/state-dict.ts';
import { bitsOf, countElements } from '../../tensor/dtype.ts';
import { contiguousStrides } from '../../tensor/layout.ts';
import { pytorch } from './index.ts';
import { isContiguous } from './layout.ts';
import { read } from './read.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/pytorch');

interface GoldenEntry {
  readonly key: string;
  readonly type: string;
  readonly dtype?: string;
  readonly shape?: number[];
  readonly strides?: number[];
  readonly offset?: number;
  readonly bytes?: number;
  readonly requiresGrad?: boolean;
  readonly wrapper?: string;
  readonly device?: string;
  readonly layout?: string;
  readonly conjugate?: boolean;
  readonly negative?: boolean;
  readonly quant?: { scheme: string; scale?: number; zeroPoint?: number; axis?: number; scales?: number[] };
  readonly storageBytes?: number;
  readonly sharedWith?: string[];
  readonly value?: unknown;
  readonly of?: string;
  readonly typeName?: string;
  readonly numpyDtype?: string;
}
interface Golden {
  readonly entries: GoldenEntry[];
  readonly metadata: { _metadata?: Record<string, { version?: number }> };
  readonly weightsOnly: { accepted: boolean; error: string | null };
  readonly globals: { module: string; name: string }[];
  readonly values?: Record<string, unknown[]>;
  readonly module?: string;
  readonly nonPersistent?: readonly string[];
}

const load = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(FIXTURES, name)));

async function open(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<StateDict> {
  const source = bufferSource(bytes, name);
  const result = await read({ id: name, source, files: new Map([[name, source]]), set: [name] });
  if ('decline' in result) throw new Error(`declined: ${result.decline}`);
  return result.state;
}

const entriesOf = (state: StateDict): Entry[] =>
  Array.from({ length: state.entries.length }, (_, i) => state.entries.at(i));
const fixtures = readdirSync(FIXTURES, { withFileTypes: true }).flatMap((file) =>
  file.isFile() && !file.name.endsWith('.json') ? [file.name] : [],
);

describe.each(fixtures)('%s', (name) => {
  const golden = JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as Golden;
  const bytes = load(name);
  let opened: Promise<StateDict> | undefined;
  const state = () => (opened ??= open(bytes, name));

  it('is recognised', () => {
    expect(pytorch.probe(bytes.subarray(0, 4096), name)).toBe('yes');
    expect(pytorch.probe(bytes.subarray(0, 4096), 'unknown')).not.toBe('no');
  });

  it('lists what torch.load gives', async () => {
    const found = entriesOf(await state());
    const keys = (list: readonly { key: string }[]) => list.map(({ key }) => key);
    // A module in the file is an object to torch and a state dict to us; the golden is its state_dict().
    expect(keys(found)).toEqual(keys(golden.entries));
    golden.entries.forEach((want, i) => {
      compare(found[i]!, want);
    });
  });

  it('marks buffers that state_dict() leaves out', async () => {
    const left = entriesOf(await state()).filter(({ meta }) =>
      meta?.some(({ section, key }) => section === 'module' && key === 'persistent'),
    );
    expect(left.map(({ key }) => key)).toEqual(golden.nonPersistent ?? []);
  });

  it('finds the same ties', async () => {
    const { shares, entries } = await state();
    const groups = shares.map(({ owner, aliases }) => [owner, ...aliases].map((row) => entries.at(row).key));
    const want = new Map(
      golden.entries.filter((e) => e.sharedWith).map((e) => [[e.key, ...e.sharedWith!].sort().join('|'), e]),
    );
    expect(groups.map((group) => [...group].sort().join('|')).sort()).toEqual([...want.keys()].sort());
    for (const [first] of groups) {
      const members = golden.entries.find((e) => e.key === first)!.sharedWith!;
      const order = golden.entries.map((e) => e.key);
      expect(members.every((key) => order.indexOf(key) > order.indexOf(first!))).toBe(true);
    }
  });

  it('points at bytes that hold the values', async () => {
    const { storages, entries } = await state();
    for (const [key, numbers] of Object.entries(golden.values ?? {})) {
      const entry = entriesOf({ entries } as StateDict).find((e) => e.key === key)!;
      const { value } = entry;
      if (value.type !== 'tensor' || value.storage === undefined || numbers === null) continue;
      const storage = storages.get(value.storage)!;
      // Made of its parts: its values are read elsewhere.
      if (value.wrapper?.startsWith('sparse')) continue;
      expect(storage.data.kind).toBe('slices');
      const data = storage.data.kind === 'slices' ? storage.data.slices : [];
      if (data.some((slice) => slice.codec)) continue;
      const raw = data.map((slice) => bytes.subarray(slice.offset, slice.offset + slice.length));
      expect(raw.reduce((sum, part) => sum + part.length, 0)).toBe(storage.byteLength);
      if (value.dtype === 'f32' && numbers.length > 0) {
        const view = new DataView(raw[0]!.buffer, raw[0]!.byteOffset, raw[0]!.byteLength);
        const sign = value.negative ? -1 : 1;
        expect(gather(value).map((at) => sign * view.getFloat32(at * 4, storage.endian === 'little'))).toEqual(numbers);
      }
    }
  });

  it('judges and names the globals as torch does', async () => {
    const { pickle } = await state();
    expect(pickle?.weightsOnly.accepted, pickle?.weightsOnly.why).toBe(golden.weightsOnly.accepted);
    expect(pickle?.globals.map(({ module, name }) => `${module} ${name}`)).toEqual(
      golden.globals.map((g) => `${g.module} ${g.name}`),
    );
    if (golden.weightsOnly.accepted) expect(new Set(pickle?.globals.map((g) => g.risk))).not.toContain('unknown');
  });

  it('keeps module versions', async () => {
    if (golden.module) return;
    const { nodes, metadata } = await state();
    const want = Object.entries(golden.metadata._metadata ?? {});
    expect(
      metadata
        .filter((item) => item.section === '_metadata')
        .map((item) => item.key)
        .slice(0, want.length),
    ).toEqual(want.map(([path]) => path));
    for (const [path, { version }] of want)
      expect(nodes.get(path)?.version).toBe(version === undefined ? undefined : String(version));
  });

  it('has nothing to complain of', async () => {
    expect((await state()).problems.filter((p) => p.severity === 'error')).toEqual([]);
  });
});

function compare(entry: Entry, want: GoldenEntry): void {
  const { value } = entry;
  const where = `${want.key} (${JSON.stringify(value)})`;
  if (want.typeName === 'numpy.ndarray') {
    expect(value, where).toMatchObject({ type: 'tensor', shape: want.shape, wrapper: 'numpy.ndarray' });
  } else if (want.numpyDtype) {
    expect(['int', 'float', 'bool'], where).toContain(value.type);
  } else if (want.typeName === 'torch.storage.TypedStorage') {
    expect(value, where).toMatchObject({
      type: 'tensor',
      wrapper: expect.stringMatching(/^torch\.storage\.(Unt|T)ypedStorage$/),
    });
  } else if (want.type === 'tensor') {
    expect(value.type, where).toBe('tensor');
    if (value.type === 'tensor') compareTensor(value, want, where);
  } else {
    expect(value.type, where).toBe(want.type);
    if (value.type === 'opaque' && want.typeName !== 'builtins.type' && want.typeName !== 'builtins.function') {
      expect(value.typeName).toBe(want.typeName);
    }
    if (value.type === 'int') expect(value.digits).toBe(want.value);
    if (value.type === 'text') expect(value.text).toBe(want.value);
    if (value.type === 'bool') expect(value.value).toBe(want.value);
    if (value.type === 'float')
      expect(
        Object.is(
          value.value,
          typeof want.value === 'number' ? want.value : Number(String(want.value).replace('inf', 'Infinity')),
        ),
        where,
      ).toBe(true);
    if (value.type === 'complex') expect([value.re, value.im]).toEqual(want.value);
    if (value.type === 'empty') expect(value.of).toBe(want.of);
    if (value.type === 'bytes') expect(value.length).toBe(want.bytes);
  }
}

function compareTensor(value: TensorValue, want: GoldenEntry, where: string): void {
  // torch counts float4_e2m1fn_x2 in pairs; here every number is an element.
  const isPair = want.dtype === 'f4';
  const shape = isPair ? [...want.shape!.slice(0, -1), want.shape!.at(-1)! * 2] : want.shape!;
  expect(value, where).toMatchObject({ dtype: want.dtype, shape, offset: want.offset ?? 0 });
  expect(value.requiresGrad ?? false, where).toBe(want.requiresGrad);
  expect(value.conjugate ?? false, where).toBe(want.conjugate ?? false);
  expect(value.negative ?? false, where).toBe(want.negative ?? false);
  expect(value.device ?? 'cpu', where).toBe(want.device ?? 'cpu');
  if (want.wrapper) expect(value.wrapper, where).toBe(want.wrapper);
  if (want.layout) expect(value.wrapper, where).toBe(want.layout);
  if (want.strides && !isPair) {
    if (value.strides) expect(value.strides, where).toEqual(want.strides);
    else expect(isContiguous(shape, want.strides), where).toBe(true);
  }
  // A sparse one has none of its own in the file.
  if (!want.layout) expect(value.storage !== undefined, where).toBe(want.storageBytes !== undefined);
  const bits = bitsOf(value.dtype);
  if (bits !== undefined) expect((countElements(value.shape) * bits) / 8, where).toBe(want.bytes);
  if (want.quant?.scale !== undefined) {
    expect(value.quant).toEqual({
      scheme: 'per-tensor-affine',
      scale: want.quant.scale,
      zeroPoint: want.quant.zeroPoint,
    });
  } else if (want.quant) {
    expect(value.quant).toMatchObject({
      scheme: 'per-channel-affine',
      axis: want.quant.axis,
      channels: want.quant.scales!.length,
    });
  }
}

/** Element numbers in the storage, in logical order. */
function gather({ shape, strides = contiguousStrides(shape), offset }: TensorValue): number[] {
  let places = [offset];
  shape.forEach((dim, i) => {
    places = places.flatMap((at) => Array.from({ length: dim }, (_, n) => at + n * strides[i]!));
  });
  return places;
}

describe('reads', () => {
  it('asks for little of a large file', async () => {
    const bytes = load('module-state.pt');
    const source = countingSource(bufferSource(bytes, 'a.pt'));
    await read({ id: 'a.pt', source, files: new Map(), set: ['a.pt'] });
    expect(source.bytesRead).toBeLessThanOrEqual(bytes.length + 512);
  });
});

interface Hostile {
  readonly expect: string;
  readonly orElse?: string[];
  readonly weightsOnly?: { accepted: boolean };
  readonly globals?: { module: string; name: string }[];
}
const HOSTILE = join(FIXTURES, '../hostile');
const hostile = readdirSync(HOSTILE).filter((name) => /\.(pt|bin)$/.test(name));

describe.each(hostile)('hostile %s', (name) => {
  const golden = JSON.parse(readFileSync(join(HOSTILE, `${name}.json`), 'utf8')) as Hostile;
  const bytes = new Uint8Array(readFileSync(join(HOSTILE, name)));

  it(`${golden.expect}, in bounded time, inside the file`, { timeout: 5000 }, async () => {
    const allowed = [golden.expect, ...(golden.orElse ?? [])];
    const { outcome, state } = await outcomeOf(bytes, name);
    expect(allowed.map((word) => (word === 'unknown-format' || word === 'not-a-model' ? 'declined' : word))).toContain(
      outcome,
    );
    if (!state) return;
    expectInside(state, bytes.length);
    if (golden.weightsOnly) expect(state.pickle?.weightsOnly.accepted).toBe(golden.weightsOnly.accepted);
    if (golden.globals)
      expect(state.pickle?.globals.map((g) => [g.module, g.name])).toEqual(
        golden.globals.map((g) => [g.module, g.name]),
      );
    state.entries.columns();
  });
});

async function outcomeOf(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<{ outcome: string; state?: StateDict }> {
  if (pytorch.probe(bytes.subarray(0, 4096), name) === 'no') return { outcome: 'declined' };
  const source = bufferSource(bytes, name);
  try {
    const result = await read({ id: name, source, files: new Map([[name, source]]), set: [name] });
    if ('decline' in result) return { outcome: 'declined' };
    return { outcome: result.state.problems.length > 0 ? 'opens-with-problems' : 'opens', state: result.state };
  } catch (error) {
    if (!(error instanceof StateglassError)) throw error;
    expect(error.info.kind, error.message).not.toBe('internal');
    expect(error.info.kind, error.message).not.toBe('source');
    return { outcome: error.info.kind };
  }
}

function expectInside(state: StateDict, size: number): void {
  for (let id = 0; id < state.storages.size; id++) {
    const storage = state.storages.get(id)!;
    if (storage.data.kind !== 'slices') continue;
    for (const { offset, length } of storage.data.slices) {
      expect(offset >= 0 && length >= 0 && offset + length <= size, `storage ${id}: ${offset} + ${length}`).toBe(true);
    }
  }
}
