import type { Entry, JsonNode } from '../../model/state-dict.ts';
import { nodeOf } from './json-node.ts';

/** What a format says to an edit. */
export interface EditRules {
  /** Why it has no way to write the value or the key; undefined when it has. */
  refuseNode(node: JsonNode): string | undefined;
  refuseKey(key: string): string | undefined;
  /** Throws `unsupported` for the entry of that key. */
  fail(key: string, why: string): never;
}

export function checkKey({ key }: Entry, part: string, rules: EditRules): void {
  const why = rules.refuseKey(part);
  if (why !== undefined) rules.fail(key, why);
}

/** The value of an entry as it is to be written. */
export function checkedNode({ key, value }: Entry, rules: EditRules): JsonNode {
  const node = nodeOf(value) ?? rules.fail(key, `a text cannot hold a value of the type ${value.type}`);
  const why = rules.refuseNode(node);
  return why === undefined ? node : rules.fail(key, why);
}
