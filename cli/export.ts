import { extname } from 'node:path';
import {
  type Document,
  findRows,
  listWriters,
  planExport,
  StateglassError,
  type WriterInfo,
  writePlan,
} from '../src-core/index.ts';
import { openNodeHandle } from '../src-core/node.ts';
import { openPaths } from './open-paths.ts';
import { showProgress } from './progress.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { writeFile } from './write-file.ts';

export interface ExportOptions {
  readonly output?: string;
  readonly slice?: string | number;
  readonly as?: string;
  readonly raw?: boolean;
  readonly force?: boolean;
}

/** `export FILE [QUERY] -o OUT`: what matches, or all, as a file of the format that the name of OUT says. */
export async function exportTo(file: string, query: string | undefined, options: ExportOptions): Promise<void> {
  const { output } = options;
  if (!output) throw bad('say where to: -o FILE');
  const writer = writerOf(output);
  if (options.as !== undefined && options.as !== 'f32') throw bad(`--as takes f32, not "${options.as}"`);
  const found = choose(await openPaths([file]), query);
  if (!found) {
    process.stderr.write(query === undefined ? `${file} holds nothing.\n` : `Nothing in ${file} matches "${query}".\n`);
    process.exitCode = 1;
    return;
  }
  const plan = await planExport(found.document, {
    rows: found.rows,
    format: writer.id,
    slice: options.slice === undefined ? undefined : String(options.slice),
    as: options.as === 'f32' ? 'f32' : undefined,
    raw: options.raw,
  });
  const progress = showProgress('export');
  const { signal, release } = stopOnSignals();
  let size = 0;
  try {
    await writeFile(output, options.force === true, (sink) =>
      writePlan(
        plan,
        {
          async write(at, bytes) {
            await sink.write(at, bytes);
            size = Math.max(size, at + bytes.length);
          },
        },
        (handle) => openNodeHandle(handle, { exact: true }),
        { signal, onProgress: progress.update },
      ),
    );
  } finally {
    progress.end();
    release();
  }
  for (const { severity, message } of plan.losses) process.stderr.write(`${severity}: ${message}\n`);
  process.stdout.write(
    `${output}: ${plan.tensors} ${plan.tensors === 1 ? 'tensor' : 'tensors'}, ${size} bytes (${writer.label})\n`,
  );
}

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });

function writerOf(output: string): WriterInfo {
  const extension = extname(output).toLowerCase();
  const writers = listWriters();
  const writer = writers.find((one) => one.extension === extension);
  if (writer) return writer;
  throw bad(`${output}: the name has to end with ${writers.map((one) => one.extension).join(', ')}`);
}

/** The one document that has something of what is asked for. */
function choose(documents: readonly Document[], query: string | undefined) {
  const found = documents
    .map((document) => ({ document, rows: query === undefined ? undefined : findRows(document, query) }))
    .filter(({ document, rows }) => (rows?.length ?? document.state.entries.length) > 0);
  if (found.length > 1) {
    const names = found.map(({ document }) => document.name).join(', ');
    throw bad(`there is something to export in ${found.length} state dicts (${names}): name one file`);
  }
  return found[0];
}
