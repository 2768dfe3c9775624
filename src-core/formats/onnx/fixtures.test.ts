import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import type { Entry, MetaItem } from '../../model/state-dict.ts';
import type { Document } from '../../session/document.ts';
import { openFiles } from '../../session/open.ts';
import { readValues } from '../../session/values.ts';

/** What onnx itself says of files that it and PyTorch's exporters wrote. */
const FOLDER = new URL('../../fixtures/onnx/', import.meta.url);

interface Golden {
  readonly entries: readonly {
    readonly in: string;
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly values: readonly (number | string)[];
  }[];
  readonly irVersion: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

const load = (path: string) => Uint8Array.from(readFileSync(new URL(path, FOLDER)));
const golden = (path: string): Golden => JSON.parse(readFileSync(new URL(`${path}.json`, FOLDER), 'utf8'));

async function open(...paths: readonly string[]): Promise<Document> {
  const files = paths.map((id) => ({ id, source: bufferSource(load(id), id.slice(id.lastIndexOf('/') + 1)) }));
  const { documents, failures } = await openFiles(files);
  expect(failures).toEqual([]);
  return documents[0]!;
}

const entriesOf = ({ state }: Document): Entry[] =>
  Array.from({ length: state.entries.length }, (_, row) => state.entries.at(row));

/** As the golden writes them: 64-bit integers and what is not finite as text. */
async function spellValues(document: Document, { id, value }: Entry): Promise<(number | string)[]> {
  if (value.type === 'json') {
    if (value.json.kind !== 'array') throw new Error('no list');
    return value.json.items.map((item) => (item.kind === 'string' ? item.value : ''));
  }
  const { values } = await readValues(document, id);
  if (!(values instanceof Float64Array)) return Array.from(values, String);
  return Array.from(values, (number) =>
    Number.isFinite(number) ? number : Number.isNaN(number) ? 'nan' : number > 0 ? 'inf' : '-inf',
  );
}

const textsOf = (metadata: readonly MetaItem[], section: string): Record<string, unknown> =>
  Object.fromEntries(
    metadata
      .filter((item) => item.section === section)
      .map(({ key, value }) => [
        key,
        value.kind === 'string' ? value.value : value.kind === 'number' ? Number(value.lexeme) : undefined,
      ]),
  );

const files: readonly (readonly string[])[] = [
  ...readdirSync(FOLDER)
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => [name]),
  ['external/model.onnx', 'external/weights.data'],
];

describe.each(files)('%s', (...paths) => {
  const wanted = golden(paths[0]!);

  it('lists the tensors that the library lists, with their values', async () => {
    const document = await open(...paths);
    const found = await Promise.all(
      entriesOf(document).map(async (entry) => ({
        dtype: entry.value.type === 'tensor' ? entry.value.dtype : 'string',
        ...(entry.value.type === 'tensor' && { shape: entry.value.shape }),
        values: await spellValues(document, entry),
      })),
    );
    const order = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one)).sort();
    expect(order(found)).toEqual(
      order(
        wanted.entries.map(({ dtype, shape, values }) => ({ dtype, ...(dtype !== 'string' && { shape }), values })),
      ),
    );
    expect(document.state.problems).toEqual([]);
  });

  it('keeps the names of initialisers, in their order', async () => {
    const { state } = await open(...paths);
    const names = Array.from({ length: state.entries.length }, (_, row) => {
      const { meta = [], key } = state.entries.at(row);
      return textsOf(meta, 'onnx').name ?? key;
    });
    const initialisers = wanted.entries.filter((entry) => entry.in === '').map(({ name }) => name);
    expect(names.slice(0, initialisers.length)).toEqual(initialisers);
  });

  it('says what the library says of the model', async () => {
    const { metadata } = (await open(...paths)).state;
    expect(textsOf(metadata, 'model')).toMatchObject({
      ir_version: wanted.irVersion,
      ...(wanted.producer[0] && { producer_name: wanted.producer[0] }),
      ...(wanted.producer[1] && { producer_version: wanted.producer[1] }),
    });
    expect(textsOf(metadata, 'opset_import')).toEqual(wanted.opsets);
    expect(textsOf(metadata, 'metadata_props')).toEqual(wanted.properties);
    expect(textsOf(metadata, 'inputs')).toEqual(wanted.inputs);
    expect(textsOf(metadata, 'outputs')).toEqual(wanted.outputs);
  });
});

const keysOf = (document: Document): readonly string[] => entriesOf(document).map(({ key }) => key);

it('puts weights whose names an exporter lost beside the others of their module', async () => {
  const document = await open('torch-traced.onnx');
  const keys = keysOf(document);
  expect(keys).toContain('layers.0.out_proj.bias');
  const folded = keys.filter((key) => /^layers\.0\.out_proj\.onnx::MatMul_\d+$/.test(key));
  expect(folded).toHaveLength(1);
  const entry = entriesOf(document).find(({ key }) => key === folded[0])!;
  expect(entry.meta).toContainEqual({
    section: 'onnx',
    key: 'used by',
    value: { kind: 'array', items: [{ kind: 'string', value: 'MatMul /layers.0/out_proj/MatMul, input 1' }] },
  });
});

it('puts tensors of graphs inside graphs, of attributes and of functions where they are', async () => {
  const keys = keysOf(await open('structure.onnx'));
  expect(keys).toEqual([
    'shape',
    'dense.bias',
    'unused',
    'rare.values',
    'rare.indices',
    'weights.values',
    'weights.indices',
    'ones.ConstantOfShape.value',
    'choose.If.else_branch.count',
    'choose.If.else_branch.going',
    'choose.If.else_branch.loop.body.step',
    'choose.If.then_branch.then.bias',
    'choose.If.then_branch.two',
    'functions.Scaled.factor',
  ]);
});

describe('external data', () => {
  it('that is not here leaves its tensors without bytes, and says which file they are in', async () => {
    const { state } = await open('external/model.onnx');
    expect(state.storages.get(0)?.data).toEqual({ kind: 'absent', why: 'weights.data is not open' });
    expect(state.files).toContainEqual({ id: 'external/weights.data', name: 'weights.data', part: 'missing' });
    expect(state.problems).toEqual([]);
  });

  it('belongs to the model beside it, whichever was named first', async () => {
    const { documents, failures } = await openFiles(
      ['external/weights.data', 'external/model.onnx'].map((id) => ({ id, source: bufferSource(load(id), id) })),
    );
    expect(failures).toEqual([]);
    expect(documents.map(({ name }) => name)).toEqual(['model.onnx']);
    expect([...documents[0]!.files.keys()].sort()).toEqual(['external/model.onnx', 'external/weights.data']);
  });
});
