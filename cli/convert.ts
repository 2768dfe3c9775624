import { StateglassError } from '../src-core/index.ts';
import { openForEditing, report, type WriteOptions, writeOutputs } from './edit-file.ts';
import { planOutput } from './plan-output.ts';

/** `convert IN OUT`: the same in the format that the name of OUT says; what it cannot hold is told, or refused. */
export async function convert(file: string, out: string | undefined, options: WriteOptions): Promise<void> {
  if ((out === undefined) === (options.output === undefined))
    throw new StateglassError({ kind: 'bad-input', detail: 'say once where to: OUT, or -o OUT' });
  const output = out ?? String(options.output);
  const document = await openForEditing(file);
  const planned = await planOutput(document, output);
  await writeOutputs([planned], options);
  await report(document, planned, options, []);
}
