import { pathOfNode } from '../../../model/labels.ts';
import type { Problem } from '../../../model/state-dict.ts';
import { firstEntry, type HealthFacts } from '../facts.ts';
import { isComposite, type Member, type Sequence } from '../sequences.ts';

/** What lists of layers are called. A `Sequential` is called otherwise, and its numbers have gaps where a layer has no tensors. */
const LISTS = new Set(
  'layers layer h blocks block blk experts resblocks transformer_blocks encoder_layers decoder_layers'.split(' '),
);
const SHOWN = 5;

/** `h.0`, `h.1`, `h.3`: layers that their neighbours say should be there. */
export function* findMissingLayers(facts: HealthFacts): Iterable<Problem> {
  if (facts.isPartial || facts.isAdapter) return;
  for (const sequence of facts.sequences) {
    const gaps = findBrokenGaps(facts, sequence);
    if (gaps.length > 0) yield describeGaps(facts, sequence, gaps);
    else if (isLateStart(facts, sequence)) yield describeStart(facts, sequence);
  }
}

type Gap = readonly [before: Member, after: Member];

/** The gaps of a sequence that no `Sequential` explains. */
export const findBrokenGaps = (facts: HealthFacts, sequence: Sequence): readonly Gap[] =>
  findGaps(sequence).filter(([before, after]) => isBroken(facts, sequence, before, after));

const findGaps = ({ members }: Sequence): readonly Gap[] =>
  members.slice(1).flatMap((after, i): Gap[] => {
    const before = members[i] as Member;
    return after.index === before.index + 1 ? [] : [[before, after]];
  });

const missingIn = ([before, after]: Gap): number => after.index - before.index - 1;

/**
 * Few are missing, and what stands on both sides belongs to a pattern: each has a twin in the sequence, or is a transformer
 * block. Lists are believed with fewer layers than a `Sequential`, and lone layers (no modules within) only in long runs.
 */
function isBroken(
  { tree, labels }: HealthFacts,
  { parent, members }: Sequence,
  before: Member,
  after: Member,
): boolean {
  const span = (members.at(-1)?.index ?? 0) - (members[0]?.index ?? 0) + 1;
  const missing = span - members.length;
  const isList = LISTS.has(labels[tree.label[parent]!]!) && isComposite(tree, before) && isComposite(tree, after);
  const isBlock = (member: Member) => tree.kinds[tree.kind[member.node]!] === 'Block';
  const believed = isList || (isBlock(before) && isBlock(after)) ? 2 : 8;
  if (members.length < 3 || missing * believed > members.length) return false;
  const hasTwin = (member: Member) => members.some((other) => other !== member && other.structure === member.structure);
  return [before, after].every((member) => hasTwin(member) || isBlock(member));
}

function describeGaps({ tree }: HealthFacts, { parent, members }: Sequence, gaps: readonly Gap[]): Problem {
  const missing = gaps.flatMap((gap) => Array.from({ length: missingIn(gap) }, (_, i) => gap[0].index + 1 + i));
  const shown = missing.slice(0, SHOWN).join(', ');
  const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : '';
  const where = pathOfNode(tree, parent) || 'The file';
  const entry = firstEntry(tree, (gaps[0] as Gap)[1].node);
  return {
    code: 'missing-layer',
    severity: 'warning',
    message: `${where} goes from ${members[0]?.index} to ${members.at(-1)?.index}, but ${shown}${more} ${missing.length === 1 ? 'is' : 'are'} not there.`,
    advice:
      'A strict load fails; a lenient one leaves these layers as they were initialised. Look for a part of the model that was not saved or not copied.',
    ...(entry !== undefined && { entry }),
  };
}

/** The first layers are elsewhere: a stage of a pipeline, or they were cut away. */
function isLateStart({ tree, labels }: HealthFacts, { parent, members }: Sequence): boolean {
  const [first] = members;
  if (!first || first.index < 2 || members.length < 3 || !LISTS.has(labels[tree.label[parent]!]!)) return false;
  return isComposite(tree, first) && members.every((member) => member.names === first.names);
}

function describeStart({ tree }: HealthFacts, { parent, members }: Sequence): Problem {
  const first = members[0] as Member;
  const entry = firstEntry(tree, first.node);
  return {
    code: 'late-start',
    severity: 'note',
    message: `${pathOfNode(tree, parent)} begins at ${first.index}.`,
    advice: 'If this is not one stage of a larger model, the layers before it are missing.',
    ...(entry !== undefined && { entry }),
  };
}
