import { readJsonText } from '../model/json-text.ts';
import { writeJson } from '../model/json-write.ts';
import type { JsonNode } from '../model/state-dict.ts';
import type { ArgumentSpec, Operation } from '../ops/systems/operation.ts';
import type { Answer } from '../ops/systems/run-operation.ts';
import type { Document } from './document.ts';
import { stateAsData } from './state-as-data.ts';

/** An operation of one of the systems, as it is listed. */
export interface OperationInfo {
  readonly id: string;
  readonly system: string;
  readonly summary: string;
  readonly args: readonly ArgumentSpec[];
}

/**
 * The operations of msgflux, inox, flax.nnx, MAX, Caten, PyTorch and DSPy that run on data alone. None reads a model, and a page
 * that calls none does not load them.
 */
export async function listOperations(): Promise<readonly OperationInfo[]> {
  return (await loadOperations()).map(({ id, system, summary, args }) => ({ id, system, summary, args }));
}

/**
 * Runs one operation on arguments written as JSON (a text, or nodes that keep its numbers). Arguments are never changed:
 * where the system works in place, the changed copy is the result and a problem says so.
 *
 * With `open`, `{"$file": PATH}` in the arguments is what that file holds (see `stateAsData`).
 *
 * What the real system would raise is `error` in the answer, with its exception class and its words in gist.
 * Throws `bad-input` for an unknown operation or arguments that make no sense, `malformed` for a text that is no JSON.
 */
export async function runOperation(name: string, args: string | JsonNode, open?: OpenNamed): Promise<Answer> {
  const operations = await loadOperations();
  const { findOperation, runOperation: run } = await import('../ops/systems/run-operation.ts');
  const operation = findOperation(operations, name);
  const node = typeof args === 'string' ? readJsonText(args, 'arguments') : args;
  return run(operation, open ? await fillFiles(node, open) : node);
}

/** Opens the file that arguments name. */
export type OpenNamed = (path: string) => Promise<Document>;

async function fillFiles(node: JsonNode, open: OpenNamed): Promise<JsonNode> {
  if (node.kind === 'array') {
    const items: JsonNode[] = [];
    for (const item of node.items) items.push(await fillFiles(item, open));
    return { kind: 'array', items };
  }
  if (node.kind !== 'object') return node;
  const [first, more] = node.members;
  if (first?.[0] === '$file' && first[1].kind === 'string' && !more) return stateAsData(await open(first[1].value));
  const members: [string, JsonNode][] = [];
  for (const [key, value] of node.members) members.push([key, await fillFiles(value, open)]);
  return { kind: 'object', members };
}

/** The answer as one line of JSON: `{"result": …, "problems": […], "error": null}`. Integers of any size are written out. */
export function formatAnswer(answer: Answer): string {
  const rest = JSON.stringify({ problems: answer.problems, error: answer.error });
  return `{"result":${writeJson(answer.result)},${rest.slice(1)}`;
}

async function loadOperations(): Promise<readonly Operation[]> {
  const [{ SYSTEM_OPERATIONS }, { MSGFLUX_LOAD }] = await Promise.all([
    import('../ops/systems/run-operation.ts'),
    import('./msgflux-load.ts'),
  ]);
  return [...SYSTEM_OPERATIONS, MSGFLUX_LOAD];
}
