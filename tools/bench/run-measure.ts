/** What is measured of running modules, in Node and in Chromium alike: the library and exported models take turns. */
import { makeSample, type RunTensor, type StartedModel, type TokenSteps } from '../../src-core/index.ts';

/** Where it is measured. */
export interface Ground {
  /** Runs a module as the product does: what it takes in all, in ms, is what a person waits. */
  run(model: ModelCase, input: RunTensor): Promise<RunTensor>;
  /** Changes one number of a weight. */
  edit(model: ModelCase, value: number): Promise<void>;
  /** A model that torch.onnx made, by the name of its file. */
  startExported(name: string): Promise<StartedModel>;
  /** Absent where the product does not do it. */
  startSteps?(file: string): Promise<TokenSteps>;
}

export interface ModelCase {
  readonly name: string;
  /** File of weights, the path of the module in it, and the weight that is edited. */
  readonly file: string;
  readonly path: string;
  readonly key: string;
  readonly slice: string;
  readonly shape: readonly number[];
}

export const MODELS: readonly ModelCase[] = [
  {
    name: 'block',
    file: 'gpt.safetensors',
    path: 'h.0',
    key: 'h.0.mlp.c_fc.weight',
    slice: '0, 0',
    shape: [1, 64, 768],
  },
  {
    name: 'resnet',
    file: 'resnet.safetensors',
    path: '',
    key: 'layer3.0.conv2.weight',
    slice: '0, 0, 0, 0',
    shape: [1, 3, 224, 224],
  },
];

export const editOf = ({ key, slice }: ModelCase, value: number) => ({
  op: 'set-elements',
  args: { key, slice, values: value },
});

export interface Measured {
  readonly case: string;
  /** Milliseconds: the first run, starting included, of the library and of the exported model. */
  readonly firstMs: number;
  readonly exportedFirstMs: number;
  /** Medians of later runs. */
  readonly againMs: number;
  readonly editedMs?: number;
  readonly exportedMs: number;
  /** The furthest that two numbers are apart, as a multiple of 1e-4 and 1e-4 of the number. */
  readonly furthest: number;
}

const WARM = 20;

export async function measureModel(ground: Ground, model: ModelCase, runs: number): Promise<Measured> {
  const input = makeSample(
    { kind: 'normal', seed: 1 },
    { name: 'input', dtype: 'f32', meaning: 'features', dims: [] },
    model.shape,
  );
  const first = await time(() => ground.run(model, input));
  await ground.run(model, input);
  const exported = await time(async () => {
    const started = await ground.startExported(model.name);
    return { started, found: await started.run({ input }, ['output']) };
  });
  const { started, found } = exported.result;
  const times = { again: [] as number[], edited: [] as number[], exported: [] as number[] };
  const again = () => time(() => ground.run(model, input));
  const ofExported = () => time(() => started.run({ input }, ['output']));
  const edited = async (value: number) => {
    await ground.edit(model, value);
    return again();
  };
  // A browser compiles better what has run for a while.
  for (let i = 0; i < WARM; i++) {
    await again();
    await ofExported();
  }
  // Two and two, back and forth: what ran before has the caches, so each comes as often behind its like as behind the other.
  for (let i = 0; i < runs; i += 2) {
    times.again.push((await again()).ms, (await again()).ms);
    times.exported.push((await ofExported()).ms, (await ofExported()).ms);
  }
  // The first edit of a weight starts a model that this weight is fed to.
  for (let i = 0; i < 2; i++) await edited(-1 - i);
  for (let i = 0; i < runs; i += 2) {
    times.edited.push((await edited(i / runs)).ms, (await edited((i + 1) / runs)).ms);
    await ofExported();
    await ofExported();
  }
  await started.release();
  return {
    case: model.name,
    firstMs: first.ms,
    exportedFirstMs: exported.ms,
    againMs: median(times.again),
    editedMs: median(times.edited),
    exportedMs: median(times.exported),
    furthest: furthest(first.result.data as Float32Array, found.output!.data as Float32Array),
  };
}

/** A text token by token, each with the keys and values of those before. */
export async function measureSteps(
  start: NonNullable<Ground['startSteps']>,
  ground: Ground,
  runs: number,
): Promise<Measured> {
  const first = await time(async () => {
    const steps = await start('gpt.safetensors');
    return { steps, logits: await steps.take([0]) };
  });
  const { steps } = first.result;
  const exported = await time(async () => {
    const started = await ground.startExported('gpt');
    return { started, found: await step(started, 0, 0, { keys: empty(), values: empty() }) };
  });
  let { found } = exported.result;
  const { started } = exported.result;
  let most = furthest(first.result.logits, found.logits);
  const times = { again: [] as number[], exported: [] as number[] };
  for (let i = 1; i <= 8 * runs; i++) {
    const token = (i * 37) % 256;
    const ours = await time(() => steps.take([token]));
    const theirs = await time(() => step(started, token, i, found));
    found = theirs.result;
    times.again.push(ours.ms);
    times.exported.push(theirs.ms);
    most = Math.max(most, furthest(ours.result, found.logits));
  }
  await steps.release();
  await started.release();
  return {
    case: 'step',
    firstMs: first.ms,
    exportedFirstMs: exported.ms,
    againMs: median(times.again),
    exportedMs: median(times.exported),
    furthest: most,
  };
}

interface Past {
  readonly keys: RunTensor;
  readonly values: RunTensor;
}

async function step(started: StartedModel, token: number, at: number, { keys, values }: Past) {
  const ids = (value: number, shape: readonly number[]): RunTensor => ({
    dtype: 'i64',
    shape,
    data: BigInt64Array.of(BigInt(value)),
  });
  const found = await started.run({ tokens: ids(token, [1, 1]), positions: ids(at, [1]), keys, values }, [
    'logits',
    'present_keys',
    'present_values',
  ]);
  return {
    logits: found.logits!.data as Float32Array,
    keys: found.present_keys!,
    values: found.present_values!,
  };
}

const empty = (): RunTensor => ({ dtype: 'f32', shape: [1, 12, 0, 64], data: new Float32Array(0) });

async function time<T>(act: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const began = performance.now();
  const result = await act();
  return { ms: performance.now() - began, result };
}

function furthest(got: Float32Array, want: Float32Array): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (const [i, a] of got.entries()) {
    const apart = Math.abs(a - want[i]!) / (1e-4 + 1e-4 * Math.abs(want[i]!));
    // A number against none.
    most = Math.max(most, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
  }
  return most;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** All of it. */
export async function measureAll(ground: Ground, names: readonly string[], runs: number): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const model of MODELS) if (names.includes(model.name)) measured.push(await measureModel(ground, model, runs));
  if (ground.startSteps && names.includes('step')) measured.push(await measureSteps(ground.startSteps, ground, runs));
  return measured;
}
