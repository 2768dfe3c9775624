/** Runs modules in a page as it does: through the worker of its engine. Exported models, and text, in the worker that computes. */
import {
  type Backend,
  blobSource,
  buildTree,
  findNode,
  ModuleRuns,
  openFiles,
  type Runner,
  type RunnerFacts,
  type StartedModel,
  TokenSteps,
} from '../../src-core/index.ts';
import { editOf, type Ground, type Measured, type ModelCase, measureAll } from './run-measure.ts';

export interface PageRuns {
  readonly facts: RunnerFacts;
  readonly measured: readonly Measured[];
}

export interface RunOptions {
  readonly engine: string;
  readonly ort: string;
  /** Only its facts are asked for where there is none. */
  readonly backend?: Backend;
  readonly names: readonly string[];
  readonly runs: number;
}

export async function runModules(
  files: readonly File[],
  { engine, ort, backend, names, runs }: RunOptions,
): Promise<PageRuns> {
  const ask = speakTo(engine);
  const facts: RunnerFacts = await ask('runnerFacts');
  if (!backend) return { facts, measured: [] };
  const documents = new Map<string, { readonly document: number; readonly node: number }>();
  const fileOf = (name: string) => files.find((file) => file.name === name)!;
  async function opened({ name, file, path }: ModelCase) {
    const known = documents.get(name);
    if (known) return known;
    const handle = { kind: 'blob', blob: fileOf(file), name: file };
    const reply = await ask('open', { files: [{ path: file, handle }] });
    const { tree } = await openHere(fileOf(file));
    const found = { document: reply.documents[0].id, node: findNode(tree, path)! };
    documents.set(name, found);
    return found;
  }
  const runner = runnerOf(ort, backend);
  const texts = new ModuleRuns(runner);
  const ground: Ground = {
    run: async (model, input) => {
      const { document, node } = await opened(model);
      const answer = await ask('runModule', { document, node, inputs: { input }, backend });
      if (answer.backend !== backend) throw new Error(`it ran on ${answer.backend}: ${answer.why}`);
      return answer.outputs[0].tensor;
    },
    edit: async (model, value) => {
      const { document } = await opened(model);
      await ask('edit', document, editOf(model, value));
    },
    startExported: async (name) =>
      runner.start({ bytes: new Uint8Array(await fileOf(`${name}.onnx`).arrayBuffer()) }, { backend }),
    startSteps: async (file) => {
      const { document, tree } = await openHere(fileOf(file));
      return TokenSteps.start(document, tree, { node: 0, backend }, texts);
    },
  };
  return { facts, measured: await measureAll(ground, names, runs) };
}

async function openHere(file: File) {
  const { documents } = await openFiles([{ id: file.name, source: blobSource(file, file.name) }]);
  const document = documents[0]!;
  return { document, tree: buildTree(document.state.entries.columns(), { order: 'natural' }) };
}

/** What a worker of the built app answers. */
function speakTo(url: string) {
  const worker = new Worker(url, { type: 'module' });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  worker.addEventListener('message', ({ data }) => {
    if ('progress' in data || 'item' in data) return;
    const call = waiting.get(data.call);
    waiting.delete(data.call);
    if ('error' in data) call?.reject(new Error(JSON.stringify(data.error)));
    else call?.resolve(data.value);
  });
  let last = 0;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the method gives
  return (method: string, ...args: unknown[]): Promise<any> =>
    new Promise((resolve, reject) => {
      last++;
      waiting.set(last, { resolve, reject });
      worker.postMessage({ call: last, method, args });
    });
}

function runnerOf(ort: string, backend: Backend): Runner {
  const ask = speakTo(ort);
  const refuse = async (): Promise<never> => {
    throw new Error('only models are started here');
  };
  return {
    start: async (model) => {
      const session: number = await ask('start', model, { backend });
      const started: StartedModel = {
        backend,
        run: (inputs, outputs, keep) => ask('run', session, inputs, outputs, keep),
        times: refuse,
        release: () => ask('end', session),
      };
      return started;
    },
    facts: refuse,
    hold: (key, tensor, on) => ask('hold', key, tensor, on),
    change: refuse,
    release: (key) => ask('release', key),
    restart: refuse,
  };
}
