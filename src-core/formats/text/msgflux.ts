import { dotted } from '../../model/keys/dotted.ts';
import { memberOf, type ObjectNode, type TextNode } from './tree.ts';
import { toValue } from './values.ts';
import type { Draft } from './walk.ts';

/**
 * What `msgflux.save(module.state_dict(), "x.json")` writes, and up to 0.1.0a3 as TOML: one flat object whose keys are dotted
 * module paths. A value may be anything; an object with `msgflux_type` is a model, retriever or the like, kept whole.
 * The file says neither what is a parameter nor that msgflux wrote it: both are judged by names.
 * https://github.com/msgflux/msgflux: src/msgflux/nn/modules/module.py, nn/modules/agent.py
 */
export function readMsgflux(root: ObjectNode): Draft[] {
  return root.members.map((member) => {
    const { key, value } = member;
    const draft: Draft = {
      path: dotted.parse(key),
      value: toValue(value, isTyped(value) ? 'typed-object' : undefined),
      node: value,
      start: member.keyStart,
      role: { role: value.kind === 'string' && PARAMETERS.has(lastPart(key)) ? 'parameter' : 'buffer' },
      roleSource: 'heuristic',
    };
    return member.duplicate ? { ...draft, duplicate: { key, start: draft.start } } : draft;
  });
}

/** The names an Agent registers as parameters. */
const PARAMETERS = new Set(['system_message', 'instructions', 'expected_output', 'examples']);
/** Names of its own modules' buffers; any one of them is a common word. */
const BUFFERS = new Set(
  (
    'name description prompt task response response_mode response_format response_template config model_preference messages vars ' +
    'execution_kwargs task_multimodal task_context context_cache prefilling generation_schema system_extra_message tool_filter ' +
    'typed_parser negative_prompt model retriever tool_config display_name usage_guidance annotations'
  ).split(' '),
);
const KEY = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;

/**
 * Judged carefully: other flat files have an `instructions` too. A typed value is proof; else two parameter names, or one in
 * a dotted key, or one among nothing but msgflux's own names.
 */
export function isMsgflux(root: ObjectNode): boolean {
  if (root.members.length === 0) return false;
  const keys = root.members.map((member) => member.key);
  if (!keys.every((key) => KEY.test(key))) return false;
  if (root.members.some((member) => isTyped(member.value))) return true;
  const named = root.members.filter(
    ({ key, value }) => PARAMETERS.has(lastPart(key)) && (value.kind === 'string' || value.kind === 'null'),
  );
  if (named.length === 0) return false;
  return (
    new Set(named.map((member) => lastPart(member.key))).size > 1 ||
    named.some((member) => member.key.includes('.')) ||
    keys.every((key) => PARAMETERS.has(lastPart(key)) || BUFFERS.has(lastPart(key)))
  );
}

/** What a nested file has of msgflux: `typed` values or `named` texts below the top, where `load_state_dict` never looks. */
export function nestedMsgflux(root: ObjectNode): 'typed' | 'named' | undefined {
  let named = false;
  const stack: TextNode[] = root.members.map((member) => member.value);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.kind !== 'object') continue;
    if (isTyped(node)) return 'typed';
    for (const { key, value } of node.members) {
      named ||= value.kind === 'string' && PARAMETERS.has(lastPart(key));
      stack.push(value);
    }
  }
  return named ? 'named' : undefined;
}

export const isTyped = (node: TextNode): boolean => memberOf(node, 'msgflux_type')?.kind === 'string';
const lastPart = (key: string): string => key.slice(key.lastIndexOf('.') + 1);
