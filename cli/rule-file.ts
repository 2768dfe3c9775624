import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type RenameRule, StateglassError } from '../src-core/index.ts';
import { readSedRule } from './sed-rule.ts';

/**
 * Rules as they stand on the command line: `s/PATTERN/NEW/` each, or a file of them, one a line; empty lines and what begins
 * with `#` say nothing.
 *
 * @throws `bad-input` for a rule that cannot be read and `source` for a file that is not there.
 */
export async function readRules(given: readonly (string | number)[]): Promise<RenameRule[]> {
  const rules: RenameRule[] = [];
  for (const text of given.map(String)) {
    if (existsSync(text)) for (const line of await readLines(text)) rules.push(readSedRule(line, '--map'));
    else if (/^s[^\w\s]/.test(text) || !/[./\\]/.test(text)) rules.push(readSedRule(text, '--map'));
    else throw new StateglassError({ kind: 'source', file: text, detail: 'there is no such file of rules' });
  }
  return rules;
}

async function readLines(path: string): Promise<string[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split(/\r?\n/);
    return lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  } catch (error) {
    throw new StateglassError({ kind: 'source', file: path, detail: (error as Error).message });
  }
}
