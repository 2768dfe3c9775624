import { StateglassError } from '../../base/errors.ts';
import type { JsonNode, Problem } from '../../model/state-dict.ts';
import { ANY_OPERATIONS } from './any-operations.ts';
import { Arguments } from './arguments.ts';
import { CATEN_OPERATIONS } from './caten/operations.ts';
import { collectOperation } from './collect.ts';
import type { Datum } from './data.ts';
import { decodeDatum } from './decode.ts';
import { DSPY_OPERATIONS } from './dspy/operations.ts';
import { encodeDatum } from './encode.ts';
import { INOX_OPERATIONS } from './inox/operations.ts';
import { MAX_OPERATIONS } from './max/operations.ts';
import { MSGFLUX_OPERATIONS } from './msgflux/operations.ts';
import { NNX_OPERATIONS } from './nnx/operations.ts';
import type { Operation } from './operation.ts';
import { badInput } from './raise.ts';
import { TORCH_OPERATIONS } from './torch/operations.ts';

const OWN: readonly Operation[] = [
  ...MSGFLUX_OPERATIONS,
  ...INOX_OPERATIONS,
  ...NNX_OPERATIONS,
  ...MAX_OPERATIONS,
  ...CATEN_OPERATIONS,
  ...TORCH_OPERATIONS,
  ...DSPY_OPERATIONS,
  ...ANY_OPERATIONS,
];

/** Every operation of the systems, in the order they are listed. */
export const SYSTEM_OPERATIONS: readonly Operation[] = [collectOperation((id) => findOperation(OWN, id)), ...OWN];

/** What an operation answers: a result, or what the real system raises. */
export interface Answer {
  readonly result: JsonNode;
  readonly problems: readonly Problem[];
  readonly error: { readonly type: string; readonly message: string } | null;
}

/** By its id, or by the name after the dot where only one system has it; hyphens and underscores are the same. */
export function findOperation(operations: readonly Operation[], name: string): Operation {
  const wanted = plainName(name);
  const exact = operations.find(({ id }) => plainName(id) === wanted);
  if (exact) return exact;
  const short = operations.filter(({ id }) => plainName(id.slice(id.indexOf('.') + 1)) === wanted);
  if (short.length === 1) return short[0] as Operation;
  if (short.length > 1) throw badInput(`several systems have "${name}": ${short.map(({ id }) => id).join(', ')}`);
  throw badInput(`no operation "${name}"; op --list names them`);
}

const plainName = (name: string): string => name.replaceAll('-', '_');

/** Runs an operation on arguments written as JSON. What the real system would raise is part of the answer. */
export function runOperation(operation: Operation, args: JsonNode): Answer {
  try {
    const { result, problems } = operation.run(readArguments(operation, args));
    return { result: encodeDatum(result), problems, error: null };
  } catch (error) {
    if (!(error instanceof StateglassError) || error.info.kind !== 'raised') throw error;
    const { type, detail } = error.info;
    return { result: { kind: 'null' }, problems: [], error: { type, message: detail } };
  }
}

function readArguments(operation: Operation, args: JsonNode): Arguments {
  if (args.kind !== 'object') throw badInput('the arguments have to be a JSON object');
  const known = operation.args.map(({ name }) => name);
  for (const [name] of args.members)
    if (!known.includes(name)) throw badInput(`${operation.id} has no argument "${name}"; it has ${known.join(', ')}`);
  const given = new Map(args.members.map(([name, value]): [string, Datum] => [name, decodeDatum(value)]));
  for (const { name, optional } of operation.args)
    if (!optional && !given.has(name)) throw badInput(`${operation.id} needs the argument "${name}"`);
  return new Arguments(given);
}
