import {
  buildTree,
  type Document,
  describeError,
  dtypeLabel,
  type Entry,
  type EntryStats,
  listPacked,
  type Pool,
  parseQuery,
  QUANTILES,
  quantilesOf,
  runQuery,
  type ScanOptions,
  type SliceStats,
  StateglassError,
  scanSlice,
  scanStats,
  type TensorStats,
  viewUnpacked,
  wordPacking,
} from '../src-core/index.ts';
import { findEntry } from './find-entry.ts';
import { openPaths } from './open-paths.ts';
import { threadPool } from './pool.ts';
import { showProgress } from './progress.ts';

export interface StatsOptions {
  readonly json?: boolean;
  readonly slice?: string | number;
  /** Codes of packed weights. */
  readonly raw?: boolean;
  readonly workers?: number | string;
}

/**
 * `stats FILE [QUERY]`: what the numbers of every tensor are, or of those that match, in the order of the file; with a slice,
 * of that part of the one tensor with this key.
 */
export async function stats(file: string, query: string | undefined, options: StatsOptions): Promise<void> {
  const documents = await openPaths([file]);
  const pool = threadPool(readWorkers(options.workers));
  const progress = showProgress('stats');
  try {
    const print = options.json ? statsToJson : statsToLine;
    const isRaw = options.raw === true;
    const scan = { onProgress: progress.update };
    const lines: string[] = [];
    if (options.slice !== undefined)
      lines.push(print(...(await scanPart(documents, query, options.slice, isRaw, pool, scan))));
    else {
      for (const document of documents) {
        const done = new Map<number, string>();
        const rows = chooseRows(document, query);
        const seen = isRaw ? document : await viewUnpacked(document, rows);
        const packings = isRaw ? NOT_PACKED : await wordPackings(document);
        await scanStats(
          seen,
          rows,
          pool,
          (found) => done.set(found.id, print(seen.state.entries.at(found.id), found, packings.get(found.id))),
          scan,
        );
        lines.push(...[...rows].sort((a, b) => a - b).flatMap((row) => done.get(row) ?? []));
      }
    }
    progress.end();
    process.stdout.write(options.json ? `[${lines.join(',\n')}]\n` : [HEADER, ...lines, ''].join('\n'));
  } finally {
    progress.end();
    await pool.close();
  }
}

async function scanPart(
  documents: readonly Document[],
  key: string | undefined,
  slice: string | number,
  isRaw: boolean,
  pool: Pool,
  options: ScanOptions,
): Promise<readonly [Entry, SliceStats, packing: string | undefined]> {
  if (key === undefined) throw new StateglassError({ kind: 'bad-input', detail: '--slice needs the key of a tensor' });
  const { document, entry } = findEntry(documents, key);
  const seen = isRaw ? document : await viewUnpacked(document, [entry.id]);
  const packings = isRaw ? NOT_PACKED : await wordPackings(document);
  const found = await scanSlice(seen, entry.id, String(slice), pool, options);
  return [seen.state.entries.at(entry.id), found, packings.get(entry.id)];
}

const NOT_PACKED: ReadonlyMap<number, string> = new Map();

/** Of the entries that hold codes, what their numbers are unpacked from. */
const wordPackings = async (document: Document): Promise<ReadonlyMap<number, string>> =>
  new Map((await listPacked(document)).map((weight) => [weight.row, wordPacking(weight)]));

/** Worker threads asked for; undefined: as many as there are cores. */
export function readWorkers(asked: number | string | undefined): number | undefined {
  if (asked === undefined) return undefined;
  const count = Number(asked);
  if (Number.isInteger(count) && count >= 1 && count <= 256) return count;
  throw new StateglassError({ kind: 'bad-input', detail: `--workers takes a number from 1 to 256, not "${asked}"` });
}

function chooseRows({ state }: Document, query: string | undefined): Iterable<number> & { length: number } {
  if (query === undefined) return Array.from({ length: state.entries.length }, (_, row) => row);
  const columns = state.entries.columns();
  return runQuery(parseQuery(query), columns, buildTree(columns));
}

/** One tensor as JSON; what it has none of is null, and `error` says why when there are no numbers at all. */
function statsToJson({ key, value }: Entry, found: EntryStats | SliceStats, packing?: string): string {
  if (value.type !== 'tensor') return '';
  const { stats: s, error } = found;
  const quantiles = s ? quantilesOf(s) : [];
  return JSON.stringify({
    key,
    dtype: dtypeLabel(value.dtype),
    ...(packing !== undefined && { packing }),
    ...('sliceText' in found ? { shape: found.shape, slice: found.sliceText } : { shape: value.shape }),
    count: s?.count ?? null,
    min: digitsOrNumber(s?.minDigits, s?.min),
    max: digitsOrNumber(s?.maxDigits, s?.max),
    mean: plain(s?.mean),
    std: plain(s?.std),
    absmax: plain(s?.absmax),
    l1: plain(s?.l1),
    l2: plain(s?.l2),
    zeros: s?.zeros ?? null,
    nan: s?.nan ?? null,
    posinf: s?.posInf ?? null,
    neginf: s?.negInf ?? null,
    quantiles: Object.fromEntries(QUANTILES.map((q, i) => [q, plain(quantiles[i])])),
    ...(error && { error: describeError(error) }),
  });
}

/** JSON has no infinities: they are texts. */
const plain = (value: number | undefined): number | string | null =>
  value === undefined ? null : Number.isFinite(value) ? value : String(value);

/** Integers past 2^53 are texts of all their digits. */
const digitsOrNumber = (digits: string | undefined, value: number | undefined): number | string | null =>
  digits !== undefined && !Number.isSafeInteger(Number(digits)) ? digits : plain(value);

const COLUMNS = ['min', 'max', 'mean', 'std'] as const;
const HEADER = `${'dtype'.padEnd(8)} ${'shape'.padEnd(16)} ${COLUMNS.map((name) => name.padStart(11)).join(' ')} ${'zeros'.padStart(7)}  key`;

function statsToLine({ key, value }: Entry, found: EntryStats | SliceStats, packing?: string): string {
  if (value.type !== 'tensor') return '';
  const { stats: s, of, error } = found;
  const dims = 'shape' in found ? found.shape : value.shape;
  const name = 'sliceText' in found ? `${key}[${found.sliceText}]` : key;
  const shape = dims.length === 0 ? 'scalar' : dims.join('×');
  const head = `${dtypeLabel(value.dtype).padEnd(8)} ${shape.padEnd(16)}`;
  if (!s) return `${head} ${name}: ${error ? describeError(error) : 'no statistics'}`;
  const numbers = COLUMNS.map((name) => shorten(s[name]).padStart(11)).join(' ');
  return `${head} ${numbers} ${percent(s).padStart(7)}  ${name}${noteOf(s, of, packing)}`;
}

const shorten = (value: number | undefined): string =>
  value === undefined ? '–' : Number.isInteger(value) && Math.abs(value) < 1e9 ? String(value) : value.toPrecision(5);
const percent = ({ zeros, count }: TensorStats): string =>
  count === 0 ? '–' : `${((100 * zeros) / count).toFixed(1)} %`;

/** What a person must know before they trust the numbers. */
function noteOf({ nan, posInf, negInf }: TensorStats, of: EntryStats['of'], packing: string | undefined): string {
  const notes = [
    nan > 0 && `${nan} NaN`,
    posInf > 0 && `${posInf} Inf`,
    negInf > 0 && `${negInf} -Inf`,
    of !== 'values' && of,
    packing !== undefined && `unpacked from ${packing}`,
  ].filter(Boolean);
  return notes.length > 0 ? `  (${notes.join(', ')})` : '';
}
