/** Answers many calls in one process: each line of the file is an operation, a tab and its arguments. */
import { readFileSync } from 'node:fs';
import { describeError, formatAnswer, runOperation, toErrorInfo } from '../../src-core/index.ts';

for (const line of readFileSync(process.argv[2] ?? '', 'utf8').split('\n')) {
  const [name = '', args = ''] = line.split('\t');
  let answer: string;
  try {
    answer = await formatAnswer(await runOperation(name, args));
  } catch (error) {
    answer = JSON.stringify({ refused: describeError(toErrorInfo(error)) });
  }
  process.stdout.write(`${answer}\n`);
}
