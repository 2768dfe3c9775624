import {
  DTYPE_ORDER,
  dtypeLabel,
  type EditedDocument,
  type EntryCastLosses,
  familyOf,
  findRows,
  inspectCast,
  isKnownDType,
  type KnownDType,
  keyOfRow,
  parseQuery,
  StateglassError,
  sumLosses,
  wordLosses,
} from '../src-core/index.ts';
import { applyEdits, type EditOptions, editFile, openForEditing } from './edit-file.ts';
import { threadPool } from './pool.ts';
import { showProgress } from './progress.ts';
import { stopOnSignals } from './stop-on-signals.ts';

export interface CastOptions extends EditOptions {
  readonly report?: boolean;
}

/**
 * `cast FILE DTYPE [QUERY]`: another element type for what a query finds; for all floating-point tensors without one. With
 * `--report` what that makes of their numbers is counted first; without a place to write to, that is all that is done.
 */
export async function cast(file: string, type: string, query: string | undefined, options: CastOptions): Promise<void> {
  const dtype = readDType(type);
  if (options.report && options.output === undefined && !options.inPlace) {
    const document = await openForEditing(file);
    const told = await countLosses(document, chooseTensors(document, file, query), dtype);
    process.stdout.write(
      options.json ? `${JSON.stringify({ cast: told })}\n` : `${wordReport(told, dtype).join('\n')}\n`,
    );
    return;
  }
  await editFile(file, options, async (before) => {
    const keys = chooseTensors(before, file, query);
    const told = options.report ? await countLosses(before, keys, dtype) : undefined;
    const document = applyEdits(before, [{ op: 'cast', args: { keys, dtype } }]);
    if (!told) return { document };
    const titles = document.log.edits.map(({ title }) => title);
    return { document, lines: [...titles, ...wordReport(told, dtype)], more: { cast: told } };
  });
}

function chooseTensors(document: EditedDocument, file: string, query: string | undefined): readonly string[] {
  const keys = findTensors(document, query);
  if (keys.length > 0) return keys;
  throw new StateglassError({ kind: 'not-found', what: query ?? file, detail: 'no tensor to cast' });
}

async function countLosses(
  document: EditedDocument,
  keys: readonly string[],
  dtype: KnownDType,
): Promise<readonly EntryCastLosses[]> {
  const pool = threadPool();
  const progress = showProgress('count');
  const { signal, release } = stopOnSignals();
  try {
    return await inspectCast(document, keys, dtype, pool, { signal, onProgress: progress.update });
  } finally {
    progress.end();
    release();
    await pool.close();
  }
}

/** A line for each tensor whose numbers do not all stay what they are, and one for all together. */
function wordReport(told: readonly EntryCastLosses[], dtype: KnownDType): string[] {
  const lines = told.flatMap((one) => {
    const { count, maxError: _, ...losses } = one.losses;
    return Object.values(losses).every((lost) => lost === 0)
      ? []
      : `  ${one.key} (${dtypeLabel(one.dtype)}): ${wordLosses(one.losses, dtype)}`;
  });
  return [...lines, `${dtypeLabel(dtype)}: ${wordLosses(sumLosses(told), dtype)}`];
}

/** As a filter takes it: `bfloat16` and `half` are names too. */
function readDType(text: string): KnownDType {
  const [term] = parseQuery(`dtype:${text}`).terms;
  const name = term?.test === 'dtype' ? (term.names[0] ?? text) : text;
  if (isKnownDType(name)) return name;
  const detail = `there is no element type ${text}; there are ${DTYPE_ORDER.join(', ')}`;
  throw new StateglassError({ kind: 'bad-input', detail });
}

function findTensors(document: EditedDocument, query: string | undefined): readonly string[] {
  const { entries } = document.state;
  const columns = entries.columns();
  const rows = query === undefined ? Array.from({ length: columns.count }, (_, row) => row) : findRows(document, query);
  return rows
    .filter((row) => {
      const { value } = entries.at(row);
      // What `module.to(dtype)` leaves alone in torch stays: counters, masks, indices.
      return value.type === 'tensor' && (query !== undefined || FLOATS.has(familyOf(value.dtype)));
    })
    .map((row) => keyOfRow(columns, row));
}

const FLOATS: ReadonlySet<string> = new Set(['float', 'half', 'float8', 'block']);
