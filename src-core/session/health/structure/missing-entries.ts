import { pathOfNode } from '../../../model/labels.ts';
import type { Problem } from '../../../model/state-dict.ts';
import { findBelow, firstEntry, type HealthFacts } from '../facts.ts';
import { entriesBelow, fewOf, groupMembers, type Member, type Sequence } from '../sequences.ts';
import { findBrokenGaps } from './missing-layers.ts';

const SHOWN = 4;
/** Blocks that make a rule one exception cannot shake. */
const MANY = 6;

/**
 * Blocks that lack tensors all their siblings have. A block that has others instead is built another way (a dense layer
 * among mixtures of experts), and so is one that lacks whole parts: that is a note at most.
 */
export function* findMissingEntries(facts: HealthFacts): Iterable<Problem> {
  if (facts.isPartial || facts.isAdapter) return;
  /** Modules whose loss is told already, as missing layers or within: the sequences around them lack it too. */
  const told = new Set(facts.sequences.filter((one) => findBrokenGaps(facts, one).length > 0).map((one) => one.parent));
  for (const sequence of facts.sequences) {
    const groups = groupMembers(sequence.members, 'names');
    if (groups.length < 2) continue;
    for (const group of groups.slice(1)) {
      for (const member of group) {
        const whole = groups.find((other) => isRule(other, group, sequence) && isWithin(facts, member, other[0]!));
        const problem = whole && compareMember(facts, sequence, member, whole[0]!, whole.length, told);
        if (problem) yield problem;
      }
    }
  }
}

/** A group is a rule to one that is an exception by its number. */
const isRule = (group: readonly Member[], exception: readonly Member[], { members }: Sequence): boolean =>
  group.length >= 2 && group.length >= 3 * exception.length - 1 && exception.length <= fewOf(members.length);

/** Fewer names, none of its own, and the same shapes: stages of a pyramid differ on purpose. */
function isWithin({ tree }: HealthFacts, member: Member, whole: Member): boolean {
  if (tree.entries[member.node]! >= tree.entries[whole.node]!) return false;
  const there = entriesBelow(tree, whole.node);
  for (const [name, node] of entriesBelow(tree, member.node)) {
    const twin = there.get(name);
    if (twin === undefined || tree.shape[twin] !== tree.shape[node]) return false;
  }
  return true;
}

function compareMember(
  facts: HealthFacts,
  { members }: Sequence,
  member: Member,
  whole: Member,
  times: number,
  told: Set<number>,
): Problem | undefined {
  const { tree } = facts;
  const here = entriesBelow(tree, member.node);
  const modules = modulesOf(here);
  const lost = [...entriesBelow(tree, whole.node).keys()].filter((name) => !here.has(name));
  const fresh = lost.filter((name) => !told.has(nodeOf(facts, member.node, deepest(name, modules))));
  if (fresh.length === 0) return undefined;
  const holders = new Set(fresh.map((name) => deepest(name, modules)));
  // First and last blocks are often built another way; one in the middle, alone among its like, hardly ever.
  const isEdge = member === members[0] || member === members.at(-1);
  const isLone = !isEdge && members.length >= MANY && times >= members.length - 1;
  const isSure = isLone || [...holders].some((holder) => isHurt(facts, member, whole, holder, fresh, isEdge));
  if (!isSure && members.length < MANY) return undefined;
  for (const holder of holders) told.add(nodeOf(facts, member.node, holder));
  const entry = firstEntry(tree, member.node);
  const shown = fresh.slice(0, SHOWN).join(', ');
  const more = fresh.length > SHOWN ? ` and ${fresh.length - SHOWN} more` : '';
  return {
    code: 'missing-entry',
    severity: isSure ? 'warning' : 'note',
    message: `${pathOfNode(tree, member.node)} lacks ${fresh.length} of the ${tree.entries[whole.node]} tensors that ${times} of its siblings have: ${shown}${more}.`,
    advice: isSure
      ? 'A strict load fails; a lenient one leaves these tensors as they were initialised. Save the model again, or look for the part that was not copied.'
      : 'Some architectures build this block another way. If this one does not, a part of the model was not saved.',
    ...(entry !== undefined && { entry }),
  };
}

/** Paths of all modules that hold these entries; '' is the member itself. */
function modulesOf(names: ReadonlyMap<string, number>): ReadonlySet<string> {
  const modules = new Set(['']);
  for (const name of names.keys())
    for (let at = name.lastIndexOf('.'); at > 0; at = name.lastIndexOf('.', at - 1)) modules.add(name.slice(0, at));
  return modules;
}

/** The innermost of the modules that would hold a name. */
function deepest(name: string, modules: ReadonlySet<string>): string {
  let at = name.lastIndexOf('.');
  while (at > 0 && !modules.has(name.slice(0, at))) at = name.lastIndexOf('.', at - 1);
  return at > 0 ? name.slice(0, at) : '';
}

/** Kinds that come and go with the numbers of what is inside say nothing. */
const VAGUE = new Set(['', 'Norm', 'ModuleList', 'Sequential', 'ParameterList']);

/** What a layer of torch has; a first block may lack a parameter that is particular to its architecture. */
const PLAIN = /^(weight|bias|running_(mean|var))$/;

/**
 * Whether a module is damaged rather than built another way: it lacks tensors of its own (a weight without its bias), a
 * numbered child, or what made its siblings an Attention, an MLP or a Block.
 */
function isHurt(
  facts: HealthFacts,
  member: Member,
  whole: Member,
  holder: string,
  lost: readonly string[],
  isEdge: boolean,
): boolean {
  const { tree } = facts;
  const here = nodeOf(facts, member.node, holder);
  const there = nodeOf(facts, whole.node, holder);
  if (!VAGUE.has(tree.kinds[tree.kind[there]!]!) && tree.kind[here] !== tree.kind[there]) return true;
  const prefix = holder === '' ? '' : `${holder}.`;
  const own = lost.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return own.some(
    (name) =>
      (isEdge ? PLAIN.test(name) : !name.includes('.')) || (/^\d+\./.test(name) && hasNumberedChild(facts, here)),
  );
}

function hasNumberedChild({ tree, labels }: HealthFacts, node: number): boolean {
  for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!)
    if (/^\d+$/.test(labels[tree.label[child]!]!)) return true;
  return false;
}

/** The module at a path; the one it starts from where a part holds a dot, so that the path cannot be followed. */
const nodeOf = ({ tree }: HealthFacts, module: number, path: string): number => findBelow(tree, module, path) ?? module;
