import {
  type AssumedValue,
  type AssumptionName,
  buildTree,
  type Correction,
  type Document,
  describeRun,
  encodeNpyHeader,
  findNode,
  listRunnable,
  ModuleRuns,
  type ModuleTree,
  type RunDescription,
  type RunTensor,
  readFacts,
  readTokeniser,
  StateglassError,
  type Tokeniser,
  unpackDocument,
} from '../src-core/index.ts';
import { openPaths } from './open-paths.ts';
import { ortRunner } from './ort.ts';
import { Output } from './output.ts';
import { generate } from './run-generate.ts';
import { readInputs } from './run-inputs.ts';
import { answerToJson, answerToText } from './run-output.ts';
import { writeFile } from './write-file.ts';

type Many = string | number | readonly (string | number)[];

export interface RunOptions {
  readonly input?: Many;
  readonly shape?: Many;
  readonly assume?: Many;
  readonly tap?: Many;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly output?: string;
  readonly force?: boolean;
  readonly threads?: number | string;
  readonly generate?: number | string;
  readonly temperature?: number | string;
  readonly seed?: number | string;
  readonly ignoreEos?: boolean;
}

/** `run FILE [MODULE]`: what a module gives for a sample; with `--list`, which modules can be run. */
export async function run(file: string, path: string | undefined, options: RunOptions): Promise<void> {
  const [opened, ...others] = await openPaths([file]);
  if (!opened || others.length > 0) throw bad(`${file} holds ${others.length + 1} state dicts: name one file`);
  const document = await unpackDocument(opened);
  const tree = buildTree(document.state.entries.columns(), { name: document.name });
  if (options.list) return list(document, tree, options.json === true);
  const node = findNode(tree, path ?? '');
  if (node === undefined) throw new StateglassError({ kind: 'not-found', what: path ?? '', detail: 'no such module' });
  const corrections = texts(options.assume).map(readCorrection);
  const described = await describeRun(document, tree, { node, corrections });
  if ('error' in described) throw withChoices(described.error, described.choices);
  const tokeniser = tokeniserOf(document, described);
  const inputs = await readInputs(described.inputs, texts(options.input), texts(options.shape), tokeniser);
  const threads = options.threads === undefined ? undefined : readWhole('threads', options.threads, 1);
  const runs = new ModuleRuns(await ortRunner(threads));
  if (options.generate !== undefined) {
    const count = readWhole('generate', options.generate, 1);
    const seed = readWhole('seed', options.seed ?? 0, 0);
    const drawing = { count, seed, temperature: Number(options.temperature ?? 0) };
    const tokens = Object.values(inputs).find(({ dtype }) => dtype === 'i64');
    if (!tokens) throw bad('--generate: the module takes no tokens');
    const request = {
      node,
      corrections,
      prompt: Array.from(tokens.data, Number),
      ...drawing,
      ignoreEnd: options.ignoreEos === true,
    };
    return generate(document, tree, request, runs, described.tokeniser && (await tokeniser()), options.json === true);
  }
  const taps = texts(options.tap);
  checkTaps(described, taps);
  const answer = await runs.run(document, tree, { node, corrections, inputs, taps });
  const out = new Output();
  if (options.output === undefined || options.json)
    out.write(
      options.json ? answerToJson(answer) : answerToText(answer, described, described.tokeniser && (await tokeniser())),
    );
  if (options.output !== undefined) await writeNpy(options.output, answer.outputs[0]!.tensor, options.force === true);
  await out.end();
}

/** Read when it is asked for; what has to be assumed of it is told once. */
function tokeniserOf(document: Document, { tokeniser }: RunDescription): () => Promise<Tokeniser | undefined> {
  let untold = tokeniser?.assumed;
  return () => {
    if (untold !== undefined) process.stderr.write(`note: ${untold}\n`);
    untold = undefined;
    return readTokeniser(document);
  };
}

async function list(document: Document, tree: ModuleTree, json: boolean): Promise<void> {
  const out = new Output();
  const found = [...listRunnable(document, tree, await readFacts(document))];
  if (json) {
    const rows = found.map(({ node: _, path, ...rest }) => JSON.stringify({ module: path, ...rest }));
    out.line(`[${rows.join(',\n')}]`);
  } else {
    const width = Math.min(60, Math.max(...found.map(({ path }) => path.length), 6));
    for (const module of found) {
      const name = (module.path || '(all)').padEnd(width);
      out.line('kind' in module ? `${name}  ${module.kind}` : `${name}  cannot be run: ${module.why}`);
    }
  }
  await out.end();
}

const texts = (given: Many | undefined): string[] => [given ?? []].flat().map(String);

/** `heads=4`, or `h.0.attn.heads=4` for one module and what is inside it. */
function readCorrection(text: string): Correction {
  const cut = text.indexOf('=');
  if (cut < 1) throw bad(`--assume ${text}: NAME=VALUE, or MODULE.NAME=VALUE`);
  const where = text.slice(0, cut);
  const dot = where.lastIndexOf('.');
  return {
    ...(dot > 0 && { path: where.slice(0, dot) }),
    name: where.slice(dot + 1) as AssumptionName,
    value: readValue(text.slice(cut + 1)),
  };
}

function readValue(text: string): AssumedValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function readWhole(name: string, text: number | string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw bad(`--${name} ${text}: a whole number from ${least}`);
  return value;
}

function checkTaps({ taps }: RunDescription, asked: readonly string[]): void {
  const unknown = asked.find((path) => !taps.includes(path));
  if (unknown !== undefined)
    throw bad(`--tap ${unknown}: there is none; its modules are ${taps.filter(Boolean).join(', ')}`);
}

function withChoices(
  info: ConstructorParameters<typeof StateglassError>[0],
  choices: readonly { readonly path: string; readonly kind: string }[],
): StateglassError {
  if (choices.length === 0) return new StateglassError(info);
  const names = choices.map(({ path, kind }) => `${path} (${kind})`).join(', ');
  if (info.kind === 'not-runnable')
    return new StateglassError({ ...info, advice: `${info.advice}. These can be run: ${names}` });
  if (info.kind === 'limit')
    return new StateglassError({ ...info, detail: `${info.detail}; these can be run: ${names}` });
  return new StateglassError(info);
}

async function writeNpy(path: string, { dtype, shape, data }: RunTensor, force: boolean): Promise<void> {
  if (!/\.npy$/i.test(path)) throw bad(`-o ${path}: an output is written as .npy`);
  const header = encodeNpyHeader({ dtype, shape });
  await writeFile(path, force, async (sink) => {
    await sink.write(0, header);
    await sink.write(header.length, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
}

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
