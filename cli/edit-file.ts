import { statSync } from 'node:fs';
import {
  applyEdit,
  type Document,
  describeError,
  type Edit,
  type EditedDocument,
  type Sink,
  StateglassError,
  startEditing,
  toErrorInfo,
  writeRecipe,
} from '../src-core/index.ts';
import { openPaths } from './open-paths.ts';
import { Output } from './output.ts';
import { planPatch } from './patch-file.ts';
import { type Forecast, type PlannedOutput, planOutput } from './plan-output.ts';
import { showProgress } from './progress.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { checkFree, type FileToWrite, writeFile, writeFiles } from './write-file.ts';

/** Where a result goes, for every command that writes one. */
export interface WriteOptions {
  readonly output?: string | number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly force?: boolean;
}

/** What all commands take that edit a file. */
export interface EditOptions extends WriteOptions {
  readonly inPlace?: boolean;
  readonly recipe?: string | number;
}

/** A document with its edits, and what they come to for people: by default their titles. */
export interface Edited {
  readonly document: EditedDocument;
  readonly lines?: readonly string[];
  /** What `--json` tells beside what it always does. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/**
 * Edits FILE and writes the result: to another file or folder, or in place. With `--json` the answer is one object:
 * `output`, the path; `edits`, as a recipe has them; `entries`, how many there are now; `size` in bytes, null where only writing
 * tells; `losses`, the problems of what cannot be kept. Nothing is written when there is nothing to edit it to.
 */
export async function editFile(
  file: string,
  options: EditOptions,
  edit: (document: EditedDocument) => Edited | undefined | Promise<Edited | undefined>,
): Promise<void> {
  const output = checkTarget(options);
  const edited = await edit(await openForEditing(file));
  if (!edited) return;
  const { document, lines, more } = edited;
  const recipe = options.recipe === undefined ? undefined : recipeFile(String(options.recipe), document);
  if (output === undefined) {
    const planned = await planPatch(document, file);
    if (recipe) checkFree(recipe.path, options.force === true);
    if (!options.dryRun) {
      await writing((running) => planned.write(running));
      if (recipe) await writeFile(recipe.path, options.force === true, recipe.write);
    }
    await report(document, planned, options, lines, more);
  } else {
    const planned = await planOutput(document, output);
    await writeOutputs([planned], options, recipe && [recipe]);
    await report(document, planned, options, lines, more);
  }
}

/** The one state dict of a file or a folder. */
export async function openForEditing(path: string): Promise<EditedDocument> {
  const [document, ...more] = await openPaths([path]);
  if (more.length === 0) return startEditing(document as Document);
  const names = [document as Document, ...more].map(({ name }) => name).join(', ');
  throw new StateglassError({ kind: 'bad-input', detail: `${path}: there are several (${names}): name one file` });
}

/** Makes one edit after the other. With `numbered`, what cannot be made is told with its number. */
export function applyEdits(document: EditedDocument, edits: readonly Edit[], numbered = false): EditedDocument {
  return edits.reduce((edited, edit, i) => {
    try {
      return applyEdit(edited, edit);
    } catch (error) {
      if (!numbered) throw error;
      const detail = `edit ${i + 1} of ${edits.length} (${edit.op}): ${describeError(toErrorInfo(error))}`;
      throw new StateglassError({ kind: 'bad-input', detail }, { cause: error });
    }
  }, document);
}

/** Everything or nothing: no file is put in place before all are written and checked. */
export async function writeOutputs(
  outputs: readonly PlannedOutput[],
  { force, dryRun }: WriteOptions,
  others: readonly FileToWrite[] = [],
): Promise<void> {
  await writing(async (running) => {
    const perOutput = outputs.map((output) => output.filesToWrite(running));
    const files = [...perOutput.flat(), ...others];
    if (dryRun) {
      for (const { path } of files) checkFree(path, force === true);
      return;
    }
    await writeFiles(files, {
      replace: force === true,
      folders: outputs.flatMap(({ folder }) => folder ?? []),
      async check(temporaries) {
        let from = 0;
        for (const [i, { check }] of outputs.entries()) {
          const to = from + (perOutput[i]?.length ?? 0);
          await check(temporaries.slice(from, to));
          from = to;
        }
      },
    });
  });
}

/** With a bar, and stopped by Ctrl-C. */
async function writing(work: (running: Parameters<PlannedOutput['filesToWrite']>[0]) => Promise<void>): Promise<void> {
  const progress = showProgress('write');
  const { signal, release } = stopOnSignals();
  try {
    await work({ signal, onProgress: progress.update });
  } finally {
    progress.end();
    release();
  }
}

function checkTarget({ output, inPlace }: EditOptions): string | undefined {
  if ((output === undefined) === (inPlace !== true))
    throw new StateglassError({ kind: 'bad-input', detail: 'say where to: either -o OUT or --in-place' });
  return output === undefined ? undefined : String(output);
}

function recipeFile(path: string, document: EditedDocument): FileToWrite {
  const bytes = new TextEncoder().encode(writeRecipe(document));
  return { path, write: (sink: Sink) => sink.write(0, bytes) };
}

/** What was done, or would be: for people, or as JSON. */
export async function report(
  { log }: EditedDocument,
  forecast: Forecast,
  options: WriteOptions,
  lines: readonly string[] = log.edits.map(({ title }) => title),
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const out = new Output();
  if (options.json) {
    const edits = log.edits.map(({ op, args }) => ({ op, args }));
    out.line(JSON.stringify({ ...toJson(forecast, options), edits, ...more }));
  } else {
    for (const line of lines) out.line(line);
    out.line(describeForecast(forecast, options));
    tellLosses(forecast);
  }
  await out.end();
}

export const toJson = (forecast: Forecast, options: WriteOptions) => ({
  output: forecast.path,
  entries: forecast.entries,
  size: sizeOf(forecast, options) ?? null,
  losses: forecast.losses,
});

export function describeForecast(forecast: Forecast, options: WriteOptions): string {
  const { path, entries, newBytes } = forecast;
  const size = sizeOf(forecast, options);
  const parts = [
    `${entries} ${entries === 1 ? 'entry' : 'entries'}`,
    ...(size === undefined ? [] : [`${size} bytes`]),
    ...(newBytes === undefined ? [] : [`${newBytes} of them new`]),
  ];
  return `${path}${options.dryRun ? ' would hold' : ''}: ${parts.join(', ')}`;
}

/** Where only writing tells, what was written does. */
const sizeOf = ({ path, size }: Forecast, { dryRun }: WriteOptions): number | undefined =>
  size ?? (dryRun ? undefined : statSync(path).size);

export function tellLosses({ losses }: Forecast): void {
  for (const { severity, message } of losses) process.stderr.write(`${severity}: ${message}\n`);
}
