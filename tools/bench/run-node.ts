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
  openFiles,
  startEditing,
  TokenSteps,
} from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { editOf, type Ground, type ModelCase, measureAll } from './run-measure.ts';

const [folder = '', threads, runs, ...names] = process.argv.slice(2);
const runner = await ortRunner(Number(threads));
const modules = new ModuleRuns(runner);
const documents = new Map<string, EditedDocument>();

async function open(file: string): Promise<EditedDocument> {
  const { documents: opened } = await openFiles([{ id: file, source: await nodeSource(join(folder, file)) }]);
  return startEditing(opened[0]!);
}

async function opened({ name, file }: ModelCase): Promise<EditedDocument> {
  const document = documents.get(name) ?? (await open(file));
  documents.set(name, document);
  return document;
}

const treeOf = (document: EditedDocument) => buildTree(document.state.entries.columns());

const ground: Ground = {
  run: async (model, input) => {
    const document = await opened(model);
    const tree = treeOf(document);
    const node = findNode(tree, model.path)!;
    const { outputs } = await modules.run(document, tree, { node, inputs: { input }, backend: 'wasm' });
    return outputs[0]!.tensor;
  },
  edit: async (model, value) => {
    const edit = editOf(model, value);
    documents.set(model.name, applyEdit(await opened(model), edit));
  },
  startExported: async (name) =>
    runner.start({ bytes: new Uint8Array(await readFile(join(folder, `${name}.onnx`))) }, { backend: 'wasm' }),
  startSteps: async (file) => {
    const document = await open(file);
    return TokenSteps.start(document, treeOf(document), { node: 0 }, runner);
  },
};

console.log(JSON.stringify(await measureAll(ground, names, Number(runs))));
process.exit(0);
