import { basename, extname, join } from 'node:path';
import { type EditedDocument, findRows, keyOfRow, StateglassError } from '../src-core/index.ts';
import {
  applyEdits,
  describeForecast,
  openForEditing,
  report,
  tellLosses,
  toJson,
  type WriteOptions,
  writeOutputs,
} from './edit-file.ts';
import { Output } from './output.ts';
import { isFolder, planOutput, planShardFiles } from './plan-output.ts';

export interface SplitOptions extends WriteOptions {
  readonly maxShardSize?: string | number;
}

/**
 * `split FILE QUERY…`: a file for each query, and a last one for what none takes. With `--json` the answer is a list of what
 * other commands answer, `edits` left out. `split FILE --max-shard-size SIZE`: shards and their index in a folder, as one answer.
 */
export async function split(file: string, queries: readonly string[], options: SplitOptions): Promise<void> {
  if (options.maxShardSize !== undefined) return splitBySize(file, queries, options.maxShardSize, options);
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

async function splitBySize(
  file: string,
  queries: readonly string[],
  size: string | number,
  options: WriteOptions,
): Promise<void> {
  if (queries.length > 0) throw bad('either queries or --max-shard-size, not both');
  if (options.output === undefined) throw bad('say where to: -o FOLDER');
  const maxBytes = readSize(size);
  const document = await openForEditing(file);
  const output = await planShardFiles(document, String(options.output), maxBytes);
  await writeOutputs([output], options);
  await report(document, output, options);
}

/** Bytes of each unit: those that huggingface_hub takes, and those of powers of two. */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

function readSize(size: string | number): number {
  const [, number, unit = 'B'] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)?\s*$/i.exec(String(size)) ?? [];
  const bytes = Math.floor(Number(number) * (UNITS[unit.toUpperCase()] ?? Number.NaN));
  if (bytes > 0) return bytes;
  throw bad(`${size} is no size: 2GB, 500MB or 1GiB are`);
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
