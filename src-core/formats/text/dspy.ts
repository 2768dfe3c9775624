import { dspy } from '../../model/keys/dspy.ts';
import type { MetaItem, NodeInfo } from '../../model/state-dict.ts';
import { memberOf, type ObjectNode, type TextNode, toJson } from './tree.ts';
import { toValue } from './values.ts';
import { type Draft, type Place, type ReadLeaf, UNKNOWN_ROLE, walkTree } from './walk.ts';

/**
 * What `dspy.Module.save("x.json")` writes: `{<parameter name>: state, …, "metadata": {"dependency_versions": …}}`. A program
 * that is itself a Predict writes its fields at the top. The signature is `{instructions, fields: [{prefix, description}]}`;
 * up to DSPy 2.5 it was `signature_instructions`, `signature_prefix` and the same with `extended_`.
 * https://github.com/stanfordnlp/dspy: dspy/primitives/base_module.py, dspy/predict/predict.py
 */
export function readDspy(root: ObjectNode): { drafts: Draft[]; nodes: Map<string, NodeInfo>; metadata: MetaItem[] } {
  const drafts: Draft[] = [];
  const nodes = new Map<string, NodeInfo>();
  const metadata: MetaItem[] = [];
  const isProgram = !isPredictState(root);
  for (const member of root.members) {
    const { key, value } = member;
    if (key === 'metadata' && memberOf(value, 'dependency_versions')) {
      for (const item of (value as ObjectNode).members)
        metadata.push({ section: 'metadata', key: item.key, value: toJson(item.value) });
      continue;
    }
    const name = isProgram ? dspy.parse(key) : { parts: [key], kinds: ['key' as const] };
    const place: Place = { ...name, node: value, start: member.keyStart, duplicate: member.duplicate };
    const before = drafts.length;
    walkTree(place, drafts, nodes, readField);
    for (const [i, draft] of drafts.slice(before).entries()) {
      // A predictor is known by the name DSPy gives it: `preds[0].demos`, not `preds.0.demos`.
      const below = draft.path.parts.slice(name.parts.length);
      drafts[before + i] = { ...draft, key: [key, ...below].join('.') };
    }
    if (isProgram && drafts.length > before && isPredictState(value))
      nodes.set(name.parts.join('.'), { container: 'Predict' });
  }
  return { drafts, nodes, metadata };
}

/** A program or a lone Predict. Every member must look the part, unless the file says which DSPy wrote it. */
export function isDspy(root: ObjectNode): boolean {
  if (isPredictState(root)) return true;
  const states = root.members.filter((member) => member.key !== 'metadata');
  const versions = memberOf(memberOf(root, 'metadata') ?? root, 'dependency_versions');
  const signed = versions !== undefined && memberOf(versions, 'dspy') !== undefined;
  const are = (test: 'some' | 'every') => states[test]((member) => isPredictState(member.value));
  return states.length > 0 && (signed ? are('some') : are('every'));
}

export function isPredictState(node: TextNode): boolean {
  const demos = memberOf(node, 'demos');
  const signed = memberOf(node, 'signature') ?? memberOf(node, 'signature_instructions');
  return demos?.kind === 'array' && signed !== undefined && memberOf(node, 'traces') !== undefined;
}

/** Of its state, in any version. */
export const PREDICT_FIELDS: ReadonlySet<string> = new Set(
  'traces train demos signature lm signature_instructions signature_prefix extended_signature_instructions extended_signature_prefix'.split(
    ' ',
  ),
);

const LEARNT: Pick<Draft, 'role' | 'roleSource'> = { role: { role: 'parameter' }, roleSource: 'heuristic' };
const RECORDED: Pick<Draft, 'role' | 'roleSource'> = { role: { role: 'artifact' }, roleSource: 'heuristic' };

/** Demos, traces and the language model stay whole; instructions, demos and prefixes are what an optimiser changes. */
const readField: ReadLeaf = ({ parts, node }) => {
  const name = parts.at(-1);
  const isContainer = node.kind === 'array' || node.kind === 'object';
  if (name === 'demos') return { value: toValue(node, 'demos'), ...LEARNT };
  if (name === 'traces' || name === 'train') return { value: toValue(node, String(name)), ...RECORDED };
  if (name === 'lm' && isContainer) return { value: toValue(node, 'lm'), ...UNKNOWN_ROLE };
  if (node.kind !== 'string') return undefined;
  const isSignature = /^(?:(?:extended_)?signature_)?(?:instructions|prefix)$|^description$/.test(String(name));
  return isSignature ? { value: toValue(node), ...LEARNT } : undefined;
};
