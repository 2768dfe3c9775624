import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import {
  formatAnswer,
  indentJson,
  listOperations,
  type OperationInfo,
  runOperation,
  StateglassError,
} from '../src-core/index.ts';
import { openForEditing } from './edit-file.ts';
import { Output } from './output.ts';

export interface OpOptions {
  readonly json?: boolean;
  readonly list?: boolean;
}

export const STANDARD_INPUT = '/dev/stdin';
/** What fits on a line stays on it. */
const WIDTH = 100;
/** The system would raise: the answer says what. */
const RAISED = 1;

/** `op NAME ARGS`: one operation of the systems. The arguments are a JSON file, standard input (`-`), or the JSON itself; `{"$file": PATH}` in them is what a file holds. */
export async function op(name: string | undefined, file: string | undefined, options: OpOptions): Promise<void> {
  const out = new Output();
  if (options.list) {
    const operations = await listOperations();
    if (options.json) out.line(JSON.stringify(operations));
    else for (const operation of operations) printOperation(operation, out);
    await out.end();
    return;
  }
  if (name === undefined)
    throw new StateglassError({ kind: 'bad-input', detail: 'which operation? stateglass op --list names them' });
  const answer = await runOperation(name, file === undefined ? '{}' : await readText(file), openForEditing);
  if (options.json) out.line(formatAnswer(answer));
  else {
    if (!answer.error) out.line(indentJson(answer.result, WIDTH));
    for (const { severity, message } of answer.problems) process.stderr.write(`${severity}: ${message}\n`);
    if (answer.error) process.stderr.write(`${answer.error.type}: ${answer.error.message}\n`);
  }
  await out.end();
  if (answer.error) process.exitCode = RAISED;
}

function printOperation({ id, summary, args }: OperationInfo, out: Output): void {
  out.line(id);
  out.line(`    ${summary}`);
  for (const { name, about, optional } of args) out.line(`    ${optional ? `[${name}]` : name}: ${about}`);
}

async function readText(file: string): Promise<string> {
  if (file.startsWith('{')) return file;
  try {
    return file === STANDARD_INPUT ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch {
    throw new StateglassError({ kind: 'source', file, detail: 'the arguments cannot be read' });
  }
}
