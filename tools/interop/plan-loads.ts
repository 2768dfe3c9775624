/** Plans many loads in one process: each line of the file is JSON, `{policy, target, source, options?}`. */
import { readFileSync } from 'node:fs';
import { describeReport, type LoadSide, planLoad } from '../../src-core/index.ts';
import { readJsonText } from '../../src-core/model/json-text.ts';
import type { JsonNode } from '../../src-core/model/state-dict.ts';

for (const line of readFileSync(process.argv[2] ?? '', 'utf8')
  .trimEnd()
  .split('\n')) {
  const call = readJsonText(line, 'loads');
  const member = (name: string): JsonNode =>
    (call.kind === 'object' ? call.members.find(([key]) => key === name)?.[1] : undefined) ?? { kind: 'null' };
  const side = (name: string): LoadSide => ({ declaration: member(name) });
  const policy = member('policy');
  const report = await planLoad(side('target'), side('source'), policy.kind === 'string' ? policy.value : '');
  process.stdout.write(`${JSON.stringify(describeReport(report))}\n`);
}
