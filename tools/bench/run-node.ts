/** `npm run bench -- run` in Node, a process for each number of threads: `run-node.ts FOLDER THREADS RUNS CASE…` prints what was measured. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ortRunner } from '../../cli/ort.ts';
import {
  applyEdit,
  buildTree,
  type EditedDocument,
  findNode,
  ModuleRuns,
  type ModuleTree,
  openFiles,
  refreshTree,
  startEditing,
  TokenSteps,
} from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { editOf, type Ground, type ModelCase, measureAll } from './run-measure.ts';

const [folder = '', threads, runs, ...names] = process.argv.slice(2);
const runner = await ortRunner(Number(threads));
const modules = new ModuleRuns(runner);
const held = new Map<string, Held>();

interface Held {
  readonly document: EditedDocument;
  readonly tree: ModuleTree;
}

async function open(file: string): Promise<Held> {
  const { documents } = await openFiles([{ id: file, source: await nodeSource(join(folder, file)) }]);
  const document = startEditing(documents[0]!);
  return { document, tree: buildTree(document.state.entries.columns()) };
}

async function opened({ name, file }: ModelCase): Promise<Held> {
  const one = held.get(name) ?? (await open(file));
  held.set(name, one);
  return one;
}

const ground: Ground = {
  run: async (model, input) => {
    const { document, tree } = await opened(model);
    const node = findNode(tree, model.path)!;
    const { outputs } = await modules.run(document, tree, { node, inputs: { input }, backend: 'wasm' });
    return outputs[0]!.tensor;
  },
  edit: async (model, value) => {
    const { document, tree } = await opened(model);
    const edited = applyEdit(document, editOf(model, value));
    held.set(model.name, { document: edited, tree: refreshTree(tree, edited.state.entries.columns()) });
  },
  startExported: async (name) =>
    runner.start({ bytes: new Uint8Array(await readFile(join(folder, `${name}.onnx`))) }, { backend: 'wasm' }),
  startSteps: async (file) => {
    const { document, tree } = await open(file);
    return TokenSteps.start(document, tree, { node: 0 }, modules);
  },
};

console.log(JSON.stringify(await measureAll(ground, names, Number(runs))));
process.exit(0);
