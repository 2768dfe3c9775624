import { basename, extname, join } from 'node:path';
import { type EditedDocument, findRows, keyOfRow, StateglassError } from '../src-core/index.ts';
import {
  applyEdits,
  describeForecast,
  openForEditing,
  tellLosses,
  toJson,
  type WriteOptions,
  writeOutputs,
} from './edit-file.ts';
import { Output } from './output.ts';
import { isFolder, planOutput } from './plan-output.ts';

/**
 * `split FILE QUERY…`: a file for each query, and a last one for what none takes. With `--json` the answer is a list of what
 * other commands answer, `edits` left out.
 */
export async function split(file: string, queries: readonly string[], options: WriteOptions): Promise<void> {
  if (queries.length === 0) throw bad('say how to split: a query for each file');
  if (options.output === undefined) throw bad('say where to: -o OUT for OUT-1, OUT-2…, or -o FOLDER');
  const document = await openForEditing(file);
  const groups = divide(document, queries);
  const stem = stemOf(String(options.output), file);
  const outputs = [];
  for (const [i, keys] of groups.entries()) {
    const part = applyEdits(document, [{ op: 'keep', args: { keys } }]);
    outputs.push(await planOutput(part, `${stem.name}-${i + 1}${stem.extension}`));
  }
  await writeOutputs(outputs, options);
  const out = new Output();
  if (options.json) out.line(JSON.stringify(outputs.map((output) => toJson(output, options))));
  for (const output of options.json ? [] : outputs) {
    out.line(describeForecast(output, options));
    tellLosses(output);
  }
  await out.end();
}

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });

/** In a folder, files are called as the one that was split. */
function stemOf(output: string, file: string): { readonly name: string; readonly extension: string } {
  const path = isFolder(output) ? join(output, basename(file)) : output;
  const extension = extname(path);
  return { name: path.slice(0, path.length - extension.length), extension };
}

/** Keys that are named when two queries take the same. */
const TOLD = 3;

/** Keys for each query, those of none last. */
function divide(document: EditedDocument, queries: readonly string[]): readonly (readonly string[])[] {
  const columns = document.state.entries.columns();
  const takenBy = new Map<number, number>();
  const twice = new Set<number>();
  for (const [i, query] of queries.entries()) {
    const rows = findRows(document, query);
    if (rows.length === 0) throw new StateglassError({ kind: 'not-found', what: query, detail: 'nothing matches' });
    for (const row of rows) {
      if (takenBy.has(row)) twice.add(row);
      takenBy.set(row, i);
    }
  }
  if (twice.size > 0) {
    const names = [...twice].slice(0, TOLD).map((row) => keyOfRow(columns, row));
    const more = twice.size > TOLD ? ` and ${twice.size - TOLD} more` : '';
    throw bad(`more than one query takes ${names.join(', ')}${more}`);
  }
  const groups = Array.from({ length: queries.length + 1 }, (): string[] => []);
  for (let row = 0; row < columns.count; row++)
    groups[takenBy.get(row) ?? queries.length]?.push(keyOfRow(columns, row));
  return groups.filter((keys) => keys.length > 0);
}
