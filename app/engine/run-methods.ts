import {
  attachCompanion,
  describeRun,
  findNode,
  generateTokens,
  type ModuleRuns,
  type ModuleTree,
  type NotRunnable,
  openHandle,
  type RunnerFacts,
  requireTokeniser,
  StateglassError,
} from '../../src-core/index.ts';
import type { FindHeld, ReplaceHeld } from './held.ts';
import type { RunApi } from './run-api.ts';
import { findSides, type GrowTree, unpackSides } from './unedited.ts';

/** Modules run in the worker of the runtime; the engine reads their weights. */
export function runMethods(find: FindHeld, replace: ReplaceHeld, grow: GrowTree, runs: ModuleRuns | undefined): RunApi {
  const sideOf = findSides(find, grow);
  const unpack = unpackSides(grow);

  return {
    async runnerFacts() {
      return runs ? runs.runner.facts() : NO_RUNTIME;
    },
    async describeRun(request, call = {}) {
      const side = sideOf(request);
      const { document, tree, choice } = await unpack(side);
      const found = await describeRun(document, tree, choice, call.signal);
      if ('error' in found) return tree === side.tree ? found : { ...found, choices: placeChoices(found, side.tree) };
      runs?.warm(found.forecast);
      return found;
    },
    async runModule(request, call = {}) {
      if (!runs) throw new StateglassError({ kind: 'internal', detail: 'there is no runtime' });
      const { document, tree, choice } = await unpack(sideOf(request));
      return runs.run(document, tree, choice, call.signal);
    },
    async attachTokenizer(id, { path, handle }) {
      const source = await openHandle(handle);
      return replace(id, attachCompanion(find(id).document, { id: path, source }));
    },
    async encodeText(id, text) {
      const tokeniser = await requireTokeniser(find(id).document);
      const ids = tokeniser.encode(text);
      return { ids, names: ids.map((token) => tokeniser.name(token) ?? '') };
    },
    async decodeTokens(id, ids) {
      return (await requireTokeniser(find(id).document)).decode(ids);
    },
    async tokenNames(id, ids) {
      const tokeniser = await requireTokeniser(find(id).document);
      return ids.map((token) => tokeniser.name(token) ?? null);
    },
    async generate(request, call = {}) {
      if (!runs) throw new StateglassError({ kind: 'internal', detail: 'there is no runtime' });
      const { document, tree, choice } = await unpack(sideOf(request));
      for await (const token of generateTokens(document, tree, choice, runs, call.signal)) call.onItem?.(token);
    },
  };
}

/** Choices of another tree that names the same modules. */
const placeChoices = ({ choices }: NotRunnable, tree: ModuleTree): NotRunnable['choices'] =>
  choices.flatMap((choice) => {
    const node = findNode(tree, choice.path);
    return node === undefined ? [] : { ...choice, node };
  });

const NO_RUNTIME: RunnerFacts = { why: 'there is no runtime', threads: 1 };
