import { openForEditing, report, type WriteOptions, writeOutputs } from './edit-file.ts';
import { planOutput } from './plan-output.ts';

/** `convert IN OUT`: the same in the format that the name of OUT says; what it cannot hold is told, or refused. */
export async function convert(file: string, output: string, options: WriteOptions): Promise<void> {
  const document = await openForEditing(file);
  const planned = await planOutput(document, output);
  await writeOutputs([planned], options);
  await report(document, planned, options, []);
}
