import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import type { Edit } from '../model/edit.ts';
import { planLora } from '../ops/plan-lora.ts';
import { openDerived } from '../tensor/derive.ts';
import { attachDonor } from './donors.ts';
import { FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument, startEditing } from './edits.ts';
import { findKey } from './find-key.ts';
import { openFiles } from './open.ts';
import { readStoredBytes, readValues } from './values.ts';

interface Golden {
  readonly entries: readonly {
    readonly case: string;
    readonly document: string;
    readonly donors: Readonly<Record<string, string>>;
    readonly edit: Edit;
    readonly left: Readonly<Record<string, { dtype: string; shape: number[]; bytes: string }>>;
  }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('../fixtures/derived/merges.json', import.meta.url), 'utf8'));

async function openBytes(base64: string): Promise<EditedDocument> {
  const source = bufferSource(Uint8Array.from(Buffer.from(base64, 'base64')), 'a.safetensors');
  const { documents } = await openFiles([{ id: 'a.safetensors', source }]);
  return startEditing(documents[0]!);
}

async function openCase(name: string): Promise<{ document: EditedDocument; edit: Edit }> {
  const { document, donors, edit } = golden.entries.find((one) => one.case === name)!;
  let opened = await openBytes(document);
  for (const [donor, bytes] of Object.entries(donors)) opened = attachDonor(opened, donor, await openBytes(bytes));
  return { document: opened, edit };
}

test.each(golden.entries)('$case', async ({ case: name, left }) => {
  const { document, edit } = await openCase(name);
  const edited = applyEdit(document, edit);
  const saved = await reopen(await saveAll(edited));
  const found = listAll(saved.state).map(({ key }) => key);
  if ((edit.args as { remove?: boolean }).remove) expect(found.sort()).toEqual(Object.keys(left).sort());
  for (const [key, { dtype, shape, bytes }] of Object.entries(left)) {
    const plain = findKey(saved, key);
    expect(plain.value, key).toMatchObject({ dtype, shape });
    const { byteLength } = saved.state.storages.get((plain.value as { storage: number }).storage)!;
    const stored = await readStoredBytes(saved, plain.id, 0, byteLength);
    expect(Buffer.from(stored).toString('base64'), key).toBe(bytes);
    const shown = await readValues(edited, findKey(edited, key).id);
    expect(shown.values, key).toEqual((await readValues(saved, plain.id)).values);
  }
});

test('titles say how much is made of what', async () => {
  const titleOf = async (name: string) => {
    const { document, edit } = await openCase(name);
    return applyEdit(document, edit).log.edits[0]!.title;
  };
  expect(await titleOf('the average of two')).toBe('Sum 6 entries: × 0.5 + b.safetensors × 0.5');
  expect(await titleOf('rank-stabilised, at half strength')).toBe('Bake LoRA of adapter × 0.5 into 3 weights');
});

test('what would be guessed or lost is refused by name', async () => {
  const peft = await openCase('PEFT, weights stored [in, out] and an embedding');
  const whole = await openCase('one adapter of a model that holds two, taken out after');
  const sums = await openCase('the average of two');
  const bake = (args: object): Edit => ({ op: 'bake-lora', args });
  const add = (others: object[], keys = ['w']): Edit => ({ op: 'weighted-sum', args: { keys, weight: 1, others } });
  const attempts: [EditedDocument, Edit, RegExp][] = [
    [peft.document, bake({ donor: 'adapter' }), /alpha is not in the file/],
    [
      peft.document,
      bake({ donor: 'adapter', alpha: 8 }),
      /c_proj\.lora_A\.weight: its weight is square: say fanInFanOut/,
    ],
    [peft.document, bake({ donor: 'adapter', alpha: 8, remove: true }), /what a donor has is not removed/],
    [peft.document, bake({ alpha: 8 }), /no pair of LoRA factors/],
    [whole.document, bake({ alpha: 8 }), /several updates are of one weight: name an adapter, and 1 more/],
    [whole.document, bake({ alpha: 8, adapter: 'third' }), /no pair of LoRA factors/],
    [
      sums.document,
      add([{ donor: 'b.safetensors', key: 'half', weight: 1 }]),
      /half has the shape \[4, 3\], and w \[5, 3\]/,
    ],
    [
      sums.document,
      add([{ key: 'half', weight: 1 }], ['w', 'tiny']),
      /several tensors are summed with those of the same keys/,
    ],
    [sums.document, add([{ donor: 'd', weight: 1 }]), /d: the edit takes values from a document/],
    [sums.document, add([]), /others is a list/],
  ];
  for (const [document, edit, words] of attempts) expect(() => applyEdit(document, edit)).toThrow(words);
});

test('updates that are no product of two factors, or of no weight here, are told and left', async () => {
  const { fixture } = FIXTURES.find(({ path }) => path === 'safetensors/lora.safetensors')!;
  const { document } = await openCase('kohya: alpha in the file, convolutions');
  const lora = await openFixture(fixture);
  const { bakes, left } = planLora(document.state, lora.state);
  expect(bakes).toEqual([]);
  expect(left.map(({ key }) => key)).toEqual(
    listAll(lora.state).flatMap(({ key }) => (key.endsWith('lora_down.weight') ? [key] : [])),
  );
  expect(left[0]!.why).toBe('no weight is called down_blocks_0, dots being underscores');
  const magnitudes = applyEdit((await openCase('one adapter of a model that holds two, taken out after')).document, {
    op: 'rename',
    args: {
      key: 'base_model.model.l.q.lora_A.second.weight',
      to: 'base_model.model.l.q.lora_magnitude_vector.first.weight',
    },
  });
  const dora = planLora(magnitudes.state, magnitudes.state, { adapter: 'first', alpha: 1 });
  expect(dora.bakes).toEqual([]);
  expect(dora.left.map(({ why }) => why)).toContain('it is of a DoRA, whose magnitudes are no sum');
});

test('a range is made without the rest, and factors that are not held are gone through in bands', async () => {
  const columns = 2 ** 22 + 5;
  const numbers = (count: number, of: (i: number) => number) => Float32Array.from({ length: count }, (_, i) => of(i));
  const open = (values: Float32Array<ArrayBuffer>, shape: readonly number[]) => {
    const reads: [number, number][] = [];
    const bytes = new Uint8Array(values.buffer);
    const read = async (start: number, end: number) => {
      reads.push([start, end]);
      return bytes.subarray(start, end);
    };
    return { layout: { dtype: 'f32' as const, shape, offset: 0 }, endian: 'little' as const, read, reads };
  };
  const base = open(
    numbers(2 * columns, (i) => i % 7),
    [2, columns],
  );
  const [up, down] = [
    open(
      numbers(2, (i) => i + 1),
      [2, 1],
    ),
    open(
      numbers(columns, (i) => i % 11),
      [1, columns],
    ),
  ];
  const read = openDerived({ kind: 'low-rank', scale: 2 }, [base, up, down]);
  const [from, to] = [columns - 3, columns + 4];
  const made = await read(4 * from, 4 * to);
  const wanted = numbers(7, (i) => {
    const place = from + i;
    return (place % 7) + 2 * (place < columns ? 1 : 2) * ((place % columns) % 11);
  });
  expect(new Float32Array(made.slice().buffer)).toEqual(wanted);
  expect(base.reads).toEqual([[4 * from, 4 * to]]);
  expect(down.reads.length).toBe(2);
});
