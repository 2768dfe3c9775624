import { dotted } from '../../model/keys/dotted.ts';
import type { KeyPath } from '../../model/keys/key.ts';
import { recogniseSyntax } from '../../model/keys/recognise.ts';
import type { Dialect, MetaItem, NodeInfo, Problem } from '../../model/state-dict.ts';
import { isDspy, readDspy } from './dspy.ts';
import { isMsgflux, isTyped, nestedMsgflux, readMsgflux } from './msgflux.ts';
import type { ObjectNode, TextNode } from './tree.ts';
import { toValue } from './values.ts';
import { type Draft, type ReadLeaf, UNKNOWN_ROLE, walkTree } from './walk.ts';

export interface Interpreted {
  readonly dialect: Dialect;
  readonly layout: 'flat' | 'nested';
  readonly drafts: Draft[];
  readonly nodes: Map<string, NodeInfo>;
  readonly metadata: readonly MetaItem[];
  readonly problems: readonly Problem[];
}

/** Whose file it is, and its entries by that system's rule. What nobody claims is read as it stands. */
export function interpret(root: TextNode): Interpreted {
  return root.kind === 'object' ? interpretObject(root) : readNested(root);
}

function interpretObject(root: ObjectNode): Interpreted {
  if (isDspy(root)) return { dialect: 'dspy', layout: 'nested', problems: [], ...readDspy(root) };
  const flat = { layout: 'flat', nodes: new Map<string, NodeInfo>(), metadata: [], problems: [] } as const;
  if (isMsgflux(root)) return { ...flat, dialect: 'msgflux', drafts: readMsgflux(root) };
  if (isFlat(root)) return { ...flat, dialect: 'generic', drafts: readFlat(root) };
  const nested = readNested(root);
  const found = nestedMsgflux(root);
  const problems = describeNesting(root, found, nested.drafts);
  return { ...nested, dialect: found === 'typed' ? 'msgflux' : 'generic', problems };
}

function readNested(root: TextNode): Interpreted {
  const drafts: Draft[] = [];
  const nodes = new Map<string, NodeInfo>();
  const place = { parts: [], kinds: [], node: root, start: root.start, duplicate: false };
  // An empty object is a state dict with nothing in it, not one with an empty entry.
  if (root.kind !== 'object' || root.members.length > 0) walkTree(place, drafts, nodes, readTyped);
  return { dialect: 'generic', layout: 'nested', drafts, nodes, metadata: [], problems: [] };
}

/** A typed value is one value wherever it stands. */
const readTyped: ReadLeaf = ({ node, parts }) =>
  parts.length > 0 && isTyped(node) ? { value: toValue(node, 'typed-object'), ...UNKNOWN_ROLE } : undefined;

const DOTTED_KEY = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u;

const NESTED: readonly string[] = ['implied table', 'dotted keys', 'array of tables'];

/** Keys written whole: nothing nests, or the keys are paths (`a.0.b`) and few values are objects. */
function isFlat({ members }: ObjectNode): boolean {
  const nesting = members.filter(({ value }) => !isLeaf(value)).length;
  if (nesting === 0) return members.length > 0;
  // `[a.b]` and `a.b = 1` nest; only a quoted key is a path.
  const isNested = (node: TextNode) => 'container' in node && NESTED.includes(node.container);
  if (members.some(({ value }) => isNested(value))) return false;
  const keys = members.map((member) => member.key);
  return (
    keys.some((key) => key.includes('.')) && keys.every((key) => DOTTED_KEY.test(key)) && nesting * 2 <= keys.length
  );
}

function isLeaf(node: TextNode): boolean {
  if (node.kind === 'array') return node.items.every((item) => item.kind !== 'array' && item.kind !== 'object');
  return node.kind !== 'object' || node.members.length === 0;
}

function readFlat(root: ObjectNode): Draft[] {
  const keys = root.members.map((member) => member.key);
  const syntax = recogniseSyntax(keys);
  // "Hello. How are you?" has a dot and is no path.
  const isPath = syntax !== dotted || keys.every((key) => DOTTED_KEY.test(key));
  return root.members.map((member) => {
    const { key, value } = member;
    const path: KeyPath = isPath ? syntax.parse(key) : { parts: [key], kinds: ['key'], raw: key };
    const draft: Draft = { path, value: toValue(value), node: value, start: member.keyStart, ...UNKNOWN_ROLE };
    return member.duplicate ? { ...draft, duplicate: { key, start: draft.start } } : draft;
  });
}

/** msgflux looks keys up whole (`a.b`), so a file that nests them loads as nothing, without a word. */
function describeNesting(root: ObjectNode, nested: 'typed' | 'named' | undefined, drafts: readonly Draft[]): Problem[] {
  const advice = 'Write the keys whole, quoted: "a.b" = "…".';
  const silent =
    'msgflux looks for whole keys such as "a.b": its load_state_dict would match nothing here and say nothing';
  if (nested === 'typed')
    return [{ code: 'msgflux-nested', severity: 'warning', message: `The keys are nested, but ${silent}.`, advice }];
  const isNested = root.members.some((member) => member.value.kind === 'object');
  const start = 'If this is a msgflux state dict, its keys should not be nested:';
  if (nested === 'named' && isNested)
    return [{ code: 'msgflux-nested', severity: 'warning', message: `${start} ${silent}.`, advice }];
  const isText = drafts.length > 0 && drafts.every(({ value }) => value.type === 'text');
  return isText && isNested
    ? [{ code: 'msgflux-nested', severity: 'note', message: `${start} ${silent}.`, advice }]
    : [];
}
