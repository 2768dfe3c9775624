import { readFile } from 'node:fs/promises';
import { ortRunner } from '../cli/ort.ts';
import { applyEdit, buildTree, findNode, ModuleRuns, startEditing } from '../src-core/index.ts';
import {
  caseNames,
  correctionsOf,
  isGguf,
  type ModuleCase,
  openCase,
  readGolden,
} from '../src-core/session/run/module-case.fixture.ts';
import { type EngineAnswer, type EngineRun, type PlainTensor, runInEngine, toPlain } from './engine.ts';
import { example, fixture } from './fixtures.ts';
import { expect, test } from './page.ts';

/** Operators that onnxruntime computes on the CPU even where WebGPU runs the rest: shapes, and what has no kernel there. */
const MAY_FALL_BACK = new Set(['Shape', 'LSTM', 'GRU', 'RNN']);

test.use({
  launchOptions: async ({ launchOptions }, use) =>
    use({
      ...launchOptions,
      // A machine without a GPU computes WebGPU in software.
      args: [
        ...(launchOptions.args ?? []),
        '--enable-unsafe-webgpu',
        '--enable-unsafe-swiftshader',
        '--use-webgpu-adapter=swiftshader',
      ],
    }),
});
test.setTimeout(240_000);

/** In software it takes minutes: a step of its own. */
const WEBGPU = { tag: '@webgpu' };

test('every module gives in WASM what its library gives', async ({ page }) => {
  const cases = await openCases(caseNames);
  await page.goto('./');
  const { answers } = await runInEngine(page, cases.map(toRun), 'wasm');
  for (const [i, answer] of answers.entries()) {
    const { name, opened } = cases[i]!;
    expect(answer.error, name).toBeUndefined();
    expect(answer.backend, name).toBe('wasm');
    expect(new Set(answer.nodes?.map(({ provider }) => provider)), name).toEqual(new Set(['CPUExecutionProvider']));
    expectClose(name, answer, opened, 1e-4, 1e-5);
  }
});

for (const names of inGroups(firstOfEachKind(caseNames), 6)) {
  const kinds = [...new Set(names.map((name) => readGolden(name).kind))].join(', ');
  test(
    `in WebGPU modules give what their libraries give, and their nodes run there: ${kinds}`,
    WEBGPU,
    async ({ page }) => {
      const cases = await openCases(names);
      await page.goto('./');
      const { facts, answers } = await runInEngine(page, cases.map(toRun), 'webgpu');
      expect(facts.adapter?.architecture).toBe('swiftshader');
      for (const [i, answer] of answers.entries()) {
        const { name, opened } = cases[i]!;
        expect(answer.error, name).toBeUndefined();
        expect([answer.backend, answer.why], name).toEqual(['webgpu', undefined]);
        const elsewhere = answer.nodes?.filter(({ provider }) => provider !== 'WebGpuExecutionProvider') ?? [];
        expect(
          elsewhere.filter(({ op }) => !MAY_FALL_BACK.has(op)).map(({ op, provider }) => `${op} on ${provider}`),
          name,
        ).toEqual([]);
        expectClose(name, answer, opened, 1e-3, 1e-4);
      }
    },
  );
}

for (const backend of ['webgpu', 'wasm'] as const) {
  const details = backend === 'webgpu' ? WEBGPU : {};
  test(`the digit classifiers say of every test image on ${backend} what PyTorch says`, details, async ({ page }) => {
    const golden = JSON.parse(await readFile(fixture('digits/test-set.json'), 'utf8'));
    const input: PlainTensor = {
      dtype: 'f32',
      shape: golden.shape,
      data: Array.from(Buffer.from(golden.images, 'base64'), (value) => value / 16),
    };
    const names = ['digits-final', 'digits-epoch1'];
    const models = names.map(async (name): Promise<EngineRun> => {
      const file = (await readFile(example(`${name}.safetensors`))).toString('base64');
      return { name, file, node: 0, corrections: [], inputs: { input }, taps: [] };
    });
    await page.goto('./');
    const { answers } = await runInEngine(page, await Promise.all(models), backend);
    for (const [i, answer] of answers.entries()) {
      expect([answer.error, answer.backend]).toEqual([undefined, backend]);
      const [{ data }] = Object.values(answer.outputs) as [PlainTensor];
      const said = Array.from({ length: golden.labels.length as number }, (_, at) => {
        const row = data.slice(10 * at, 10 * at + 10);
        return row.indexOf(Math.max(...row));
      });
      const { predictions, accuracy } = golden[names[i]!];
      expect(said.join('')).toBe(predictions);
      const right = said.filter((digit, at) => digit === Number(golden.labels[at])).length;
      expect(right / said.length).toBeCloseTo(accuracy, 4);
    }
  });

  test(`edits are seen in every run on ${backend}, and gone when they are undone`, details, async ({ page }) => {
    const [one] = await openCases(['llama-mlp']);
    const { golden, inputs, node } = one!.opened;
    const document = startEditing(one!.opened.document);
    const { entries } = document.state;
    const key = Array.from({ length: entries.length }, (_, i) => entries.at(i).key).find((name) => /up/.test(name))!;
    const edits = [
      { op: 'set-elements', args: { key, slice: '1', values: 0.5 } },
      { op: 'set-elements', args: { key, slice: ':, 2', values: -1 } },
      { op: 'set-elements', args: { key, slice: '1, 0', values: 3 } },
    ];
    await page.goto('./');
    const { answers } = await runInEngine(page, [{ ...toRun(one!), edits }], backend);
    expect(answers[0]!.error).toBeUndefined();
    const runs = new ModuleRuns(await ortRunner(1));
    const states = [document];
    for (const edit of edits) states.push(applyEdit(states.at(-1)!, edit));
    for (const [i, state] of [...states, document].entries()) {
      const tree = buildTree(state.state.entries.columns());
      const corrections = correctionsOf(golden.assume);
      const { outputs } = await runs.run(state, tree, { node, corrections, inputs, backend: 'wasm' });
      const want = toPlain(outputs[0]!.tensor);
      for (const got of answers[0]!.edited!.slice(2 * i, 2 * i + 2))
        expect(furthest(got, want, 1e-3, 1e-4), `after ${i} edits`).toBeLessThanOrEqual(1);
      const other = answers[0]!.edited![(2 * i + 2) % answers[0]!.edited!.length]!;
      if (i <= edits.length) expect(furthest(other, want, 1e-3, 1e-4)).toBeGreaterThan(100);
    }
  });
}

interface Case {
  readonly name: string;
  readonly opened: ModuleCase;
  /** In base64; what the golden says of the model lies in its metadata, as files have it. */
  readonly file: string;
}

const openCases = (names: readonly string[]): Promise<Case[]> =>
  Promise.all(
    names.map(async (name) => {
      const opened = await openCase(name);
      if (isGguf(name)) return { name, opened, file: (await readFile(fixture(`modules/${name}`))).toString('base64') };
      const { config, printed } = opened.golden;
      const metadata = {
        ...(config && { config: JSON.stringify(config) }),
        ...(printed !== undefined && { architecture: printed }),
      };
      const bytes = await readFile(fixture(`modules/${name}.safetensors`));
      return { name, opened, file: withMetadata(bytes, metadata).toString('base64') };
    }),
  );

function withMetadata(bytes: Buffer, metadata: Readonly<Record<string, string>>): Buffer {
  const size = Number(bytes.readBigUInt64LE(0));
  const header = { __metadata__: metadata, ...JSON.parse(bytes.toString('utf8', 8, 8 + size)) };
  const text = Buffer.from(JSON.stringify({ ...header, __metadata__: metadata }));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, bytes.subarray(8 + size)]);
}

function toRun({ name, opened, file }: Case): EngineRun {
  const { golden, document, inputs, taps } = opened;
  const tree = buildTree(document.state.entries.columns(), { order: isGguf(name) ? 'source' : 'natural' });
  const node = findNode(tree, golden.module);
  if (node === undefined) throw new Error(`${name} has no module ${golden.module}`);
  return {
    name: isGguf(name) ? name : `${name}.safetensors`,
    file,
    node,
    corrections: correctionsOf(golden.assume),
    inputs: Object.fromEntries(Object.entries(inputs).map(([input, tensor]) => [input, toPlain(tensor)])),
    taps: Object.keys(taps),
  };
}

/**
 * The first of each kind, and what others of its kind have not: convolutions of an odd number of channels, which the runtime has to be
 * helped with, windows and soft-capping, experts in one tensor and experts that are shared.
 */
function firstOfEachKind(names: readonly string[]): readonly string[] {
  const first = new Map(names.toReversed().map((name) => [readGolden(name).kind, name]));
  const more = names.filter((name) => /^(conv1d|conv2d|gemma[23]|qwen3-moe-stacked|qwen2-moe-part)$/.test(name));
  return [...new Set([...first.values(), ...more])];
}

/** A machine without a GPU takes long to make the shaders of one. */
function inGroups<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return items.length === 0 ? [] : [items.slice(0, size), ...inGroups(items.slice(size), size)];
}

function expectClose(
  name: string,
  answer: EngineAnswer,
  { outputs, taps, golden }: ModuleCase,
  relative: number,
  absolute: number,
): void {
  expect(answer.kind, name).toBe(golden.kind);
  const pairs = [
    ...Object.entries(outputs).map(([label, want]) => [label, answer.outputs[label], toPlain(want)] as const),
    ...Object.entries(taps).map(([path, want]) => [path, answer.taps[path], toPlain(want)] as const),
  ];
  for (const [what, got, want] of pairs) {
    expect(got?.shape, `${name} ${what}`).toEqual(want.shape);
    expect(furthest(got!, want, relative, absolute), `${name} ${what}`).toBeLessThanOrEqual(1);
  }
}

/** The largest difference, as a multiple of what is allowed. */
function furthest(got: PlainTensor, want: PlainTensor, relative: number, absolute: number): number {
  return want.data.reduce((most, b, i) => {
    const a = got.data[i] ?? Number.NaN;
    if (a === b) return most;
    const times = Math.abs(a - b) / (absolute + relative * Math.abs(b));
    return Math.max(most, Number.isNaN(times) ? Number.POSITIVE_INFINITY : times);
  }, 0);
}
