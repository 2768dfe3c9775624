import { pathOfNode } from '../../../model/labels.ts';
import type { Problem } from '../../../model/state-dict.ts';
import { firstEntry, type HealthFacts } from '../facts.ts';

/** What wrappers put in front of every name: DataParallel, torch.compile, FSDP, DeepSpeed. */
const WRAPPERS = ['module', '_orig_mod', '_fsdp_wrapped_module', '_forward_module'];

/** Names that a person cannot see are wrong, or that two programs read as one. Labels are few, whatever the number of entries. */
export function* checkNames(facts: HealthFacts): Iterable<Problem> {
  // Names of prompts are their author's own.
  if (facts.columns.shapes.length === 0) return;
  const odd = facts.labels.map(judgeLabel);
  odd[0] = undefined;
  const folded = facts.labels.map((label) => label.normalize('NFC').toLowerCase());
  const mayCollide = new Set(folded).size < folded.length;
  const { tree } = facts;
  for (let node = 0; node < tree.count; node++) {
    const why = odd[tree.label[node]!];
    if (why) yield describeLabel(facts, node, why);
    if (mayCollide && tree.end[node]! > node + 1) yield* findCollisions(facts, node, folded);
  }
  yield* findMixedPrefix(facts);
}

type Judgement = Pick<Problem, 'code' | 'severity' | 'advice'> & { readonly what: string };

function judgeLabel(label: string): Judgement | undefined {
  if (label === '') {
    const what = 'has an empty part: two dots meet, or one stands at an end';
    return { code: 'empty-part', severity: 'warning', what, advice: 'No module can be called that: rename it.' };
  }
  if (label !== label.trim()) {
    const what = 'has white space at the end of a part, which nobody sees';
    return { code: 'white-space', severity: 'warning', what, advice: 'Look-ups by the plain name miss it: rename it.' };
  }
  if (label !== label.normalize('NFC')) {
    const what = 'has a character written as two (a letter and its accent)';
    const advice = 'The same name typed on a keyboard is another text, so look-ups miss it. Normalise it to NFC.';
    return { code: 'not-nfc', severity: 'note', what, advice };
  }
  return undefined;
}

function describeLabel({ tree }: HealthFacts, node: number, { what, ...rest }: Judgement): Problem {
  const entry = firstEntry(tree, node);
  return {
    ...rest,
    message: `The name ${JSON.stringify(pathOfNode(tree, node))} ${what}.`,
    ...(entry !== undefined && { entry }),
  };
}

/** Siblings that differ in capitals or in how an accent is written, and not otherwise. */
function* findCollisions({ tree, labels }: HealthFacts, parent: number, folded: readonly string[]): Iterable<Problem> {
  const first = new Map<string, number>();
  for (let node = parent + 1; node < tree.end[parent]!; node = tree.end[node]!) {
    const label = tree.label[node]!;
    const other = first.get(folded[label]!);
    if (other === undefined) first.set(folded[label]!, node);
    // The integer 1 and the text "1" are two keys on purpose.
    if (other === undefined || labels[label] === labels[tree.label[other]!]) continue;
    const entry = firstEntry(tree, node);
    const isAccent = labels[label]!.normalize('NFC') === labels[tree.label[other]!]!.normalize('NFC');
    yield {
      code: 'name-collision',
      severity: isAccent ? 'warning' : 'note',
      message: `${JSON.stringify(pathOfNode(tree, node))} and ${JSON.stringify(labels[tree.label[other]!])} differ only in ${isAccent ? 'how an accent is written' : 'capitals'}.`,
      advice: 'Programs that fold names, and files named after them on Windows or macOS, keep one of the two.',
      ...(entry !== undefined && { entry }),
    };
  }
}

/** `module.encoder…` beside `encoder…`: a wrapped and an unwrapped state dict were merged, or a rename stopped half way. */
function* findMixedPrefix({ tree, labels }: HealthFacts): Iterable<Problem> {
  const top = new Set<number>();
  for (let node = 1; node < tree.count; node = tree.end[node]!) top.add(tree.label[node]!);
  for (let wrapper = 1; wrapper < tree.count; wrapper = tree.end[wrapper]!) {
    const name = labels[tree.label[wrapper]!]!;
    if (!WRAPPERS.includes(name)) continue;
    for (let node = wrapper + 1; node < tree.end[wrapper]!; node = tree.end[node]!) {
      if (!top.has(tree.label[node]!)) continue;
      const entry = firstEntry(tree, wrapper);
      yield {
        code: 'mixed-prefix',
        severity: 'warning',
        message: `Some names begin with "${name}." and some do not: ${pathOfNode(tree, node)} stands beside ${labels[tree.label[node]!]}.`,
        advice: `"${name}." is what a wrapper adds when it saves. No model has both: take the prefix off all names, or keep one of the two.`,
        ...(entry !== undefined && { entry }),
      };
      break;
    }
  }
}
