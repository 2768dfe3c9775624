import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonText } from '../../model/json-text.ts';
import type { JsonNode } from '../../model/state-dict.ts';

const FILE = join(import.meta.dirname, '../../fixtures/systems/cases.json');

/** One call of an operation and what the real system answers. */
export interface Case {
  readonly id: string;
  readonly op: string;
  readonly args: JsonNode;
  readonly result?: JsonNode;
  readonly error?: { readonly type: string; readonly message: string };
  /** Codes, in order. */
  readonly problems: readonly string[];
}

/** The cases that the interop script runs on the real libraries too. `{"$given": NAME}` stands for a shared value. */
export function readCases(): readonly Case[] {
  const file = readJsonText(readFileSync(FILE, 'utf8'), 'cases.json');
  const given = memberOf(file, 'given');
  return itemsOf(memberOf(file, 'cases')).map((node): Case => {
    const [args, result, error] = ['args', 'result', 'error'].map((name) => memberOf(node, name));
    return {
      id: textOf(memberOf(node, 'id')),
      op: textOf(memberOf(node, 'op')),
      args: substitute(args ?? { kind: 'object', members: [] }, given),
      problems: itemsOf(memberOf(node, 'problems')).map(textOf),
      ...(result && { result: substitute(result, given) }),
      ...(error && { error: { type: textOf(memberOf(error, 'type')), message: textOf(memberOf(error, 'message')) } }),
    };
  });
}

function substitute(node: JsonNode, given: JsonNode | undefined): JsonNode {
  if (node.kind === 'array') return { kind: 'array', items: node.items.map((item) => substitute(item, given)) };
  if (node.kind !== 'object') return node;
  const name = memberOf(node, '$given');
  if (name) return memberOf(given, textOf(name)) ?? { kind: 'null' };
  return { kind: 'object', members: node.members.map(([key, value]) => [key, substitute(value, given)] as const) };
}

const memberOf = (node: JsonNode | undefined, name: string): JsonNode | undefined =>
  node?.kind === 'object' ? node.members.find(([key]) => key === name)?.[1] : undefined;
const itemsOf = (node: JsonNode | undefined): readonly JsonNode[] => (node?.kind === 'array' ? node.items : []);
const textOf = (node: JsonNode | undefined): string => (node?.kind === 'string' ? node.value : '');
