import {
  applyEdit,
  attachDonor,
  type EditedDocument,
  listDonors,
  type MergePlan,
  planMerge,
  StateglassError,
} from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { MergeRequest } from './compare-api.ts';
import { replierOf } from './edit-methods.ts';
import type { FindComparison, FindHeld, HeldComparison, HeldThreeWay, ReplaceHeld } from './held.ts';

type MergeMethods = Pick<EngineApi, 'planMerge' | 'merge'>;

/** What makes one document of two: edits of A. */
export function mergeMethods(find: FindHeld, findComparison: FindComparison, replace: ReplaceHeld): MergeMethods {
  const reply = replierOf(find, replace);
  const prepare = (request: MergeRequest) => {
    const held = findComparison(request.comparison);
    const three = threeOf(held, find);
    const plan = planMerge(three.lines, three.documents, {
      ...request,
      choices: choicesOf(held, three, request.choices),
      partial: true,
    });
    return { held, three, plan, merged: makeEdits(three.documents, request.names, plan) };
  };
  return {
    async planMerge(request) {
      const { held, three, plan, merged } = prepare(request);
      const { log } = merged;
      const titles = log.edits.slice(log.cursor - plan.edits.length, log.cursor).map(({ title }) => title);
      const keysOf = (kind: string) => plan.conflicts.filter((one) => one.kind === kind).map(({ key }) => key);
      return {
        titles,
        decided: plan.decided.length,
        left: pairsLeft(held, three, plan),
        sameName: keysOf('same-name'),
        metadata: keysOf('metadata'),
      };
    },
    async merge(request) {
      const { held, plan, merged } = prepare(request);
      return { ...reply(held.pairs.a, merged), decided: plan.decided };
    },
  };
}

/** @throws `bad-input` where nothing is known of the documents as they are now. */
function threeOf({ three, pairs }: HeldComparison, find: FindHeld): HeldThreeWay {
  if (three && three.documents.a === find(pairs.a).document && three.documents.b === find(pairs.b).document)
    return three;
  throw new StateglassError({ kind: 'bad-input', detail: 'the sides were not compared as they are now' });
}

function makeEdits({ base, a, b }: HeldThreeWay['documents'], names: MergeRequest['names'], { edits }: MergePlan) {
  const donors = listDonors(edits);
  const attach = (to: EditedDocument, name: string, donor: EditedDocument | undefined) =>
    donor && donors.includes(name) ? attachDonor(to, name, donor) : to;
  return edits.reduce(applyEdit, attach(attach(a, names.b, b), names.base, base));
}

/** The narrowest choice first: it goes before one for the module that it is in. */
function choicesOf({ tree }: HeldComparison, { pairOfLine }: HeldThreeWay, choices: MergeRequest['choices']) {
  const sizeOf = (node: number) => tree.end[node]! - node;
  const ordered = choices.toSorted((one, other) => sizeOf(one.node) - sizeOf(other.node));
  const linesOf = ({ node }: MergeRequest['choices'][number]): number[] => {
    const lines: number[] = [];
    for (let line = 0; line < pairOfLine.length; line++) {
      const pair = pairOfLine[line]!;
      const at = pair < 0 ? -1 : tree.nodeOfEntry[pair]!;
      if (at >= node && at < tree.end[node]!) lines.push(line);
    }
    return lines;
  };
  return ordered.map((choice) => ({ lines: linesOf(choice), take: choice.take }));
}

/** Pairs in conflict that no choice decides, in the order of the tree. */
function pairsLeft({ tree }: HeldComparison, { pairOfLine }: HeldThreeWay, { undecided }: MergePlan) {
  const nodes = new Set(undecided.map((line) => tree.nodeOfEntry[pairOfLine[line]!]!));
  return Uint32Array.from(
    [...nodes].sort((one, other) => one - other),
    (node) => tree.entry[node]!,
  );
}
