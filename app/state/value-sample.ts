import { bitsOf, formatSlice, StateglassError } from '../../src-core/index.ts';
import { engine } from './engine.ts';
import { type Span, sheetOf, sliceOfBlock } from './shown-slice.ts';
import { isComplex, partKey, type ShownPart, strideOf } from './value-tiles.ts';

/** Numbers for a picture of the sheet: all of them, or evenly spaced ones. */
export interface ValueSample {
  readonly rows: number;
  readonly columns: number;
  /** Row i of the sample is row i × rowStep of the sheet. */
  readonly rowStep: number;
  readonly columnStep: number;
  /** Rows × columns; sizes of complex numbers. */
  readonly values: Float64Array<ArrayBuffer>;
}

/** Sheets up to this size are read whole. */
const WHOLE = 65_536;
/** A canvas of more pixels to a side is refused by some browsers; a picture shows fewer anyway. */
const MOST_WHOLE = 4096;
/** Lines and positions along them of a sampled picture: more than it has pixels. */
const [MOST_LINES, MOST_ALONG] = [400, 512];
/** A first picture at once, of this many lines; then twice as many as long as it lasts. */
const FIRST_LINES = 20;
/** No further refinement after so much, whatever the place the bytes come from. */
const BUDGET_MS = 600;
const BUDGET_BYTES = 8 * 2 ** 20;

type Lines = readonly Float64Array<ArrayBuffer>[];

interface Pass {
  readonly lines: Span;
  readonly lineStep: number;
}

/** Whole lines of the storage, then those between them: reading every 27th number of a line costs as much as the line. */
function* passesOf(count: number, finest: number): Generator<Pass> {
  let step = finest;
  while (Math.ceil(count / step) > FIRST_LINES) step *= 2;
  yield { lines: { from: 0, to: count, step }, lineStep: step };
  for (step /= 2; step >= finest; step /= 2) yield { lines: { from: step, to: count, step: 2 * step }, lineStep: step };
}

/** What a picture of a part reads. */
interface Plan {
  readonly alongRows: boolean;
  /** Positions along a line. */
  readonly along: Span;
  readonly lineBytes: number;
  readonly passes: Iterable<Pass>;
}

function planOf({ tensor, shown }: ShownPart): Plan {
  const sheet = sheetOf(shown);
  const alongRows = Math.abs(strideOf(tensor, shown.rows)) >= Math.abs(strideOf(tensor, shown.columns));
  const [slow, fast] = alongRows ? [sheet.rows, sheet.columns] : [sheet.columns, sheet.rows];
  const isWhole = sheet.count <= WHOLE;
  const lineStep = Math.ceil(slow / (isWhole ? MOST_WHOLE : MOST_LINES));
  const fastStride = sheet.wrapped ? 1 : strideOf(tensor, alongRows ? shown.columns : shown.rows);
  return {
    alongRows,
    along: { from: 0, to: fast, step: Math.ceil(fast / (isWhole ? MOST_WHOLE : MOST_ALONG)) },
    lineBytes: (fast * (Number.isFinite(fastStride) ? Math.abs(fastStride) : 1) * (bitsOf(tensor.dtype) ?? 8)) / 8,
    passes: isWhole ? [{ lines: { from: 0, to: slow, step: lineStep }, lineStep }] : passesOf(slow, lineStep),
  };
}

/** Lines of a first picture that were asked for before who draws it is there: those of the last part only. */
let ahead: { readonly key: string; readonly lines: Promise<Lines> } | undefined;

/** Begins to read what `sampleValues` of the same part will read first. */
export function sampleAhead(part: ShownPart, signal: AbortSignal): void {
  const { alongRows, along, passes } = planOf(part);
  for (const { lines } of passes) {
    const found = readLines(part, alongRows, lines, along, signal);
    ahead = { key: partKey(part), lines: found };
    found.catch(() => {
      if (ahead?.lines === found) ahead = undefined;
    });
    return;
  }
}

function takeAhead(part: ShownPart): Promise<Lines> | undefined {
  if (ahead?.key !== partKey(part)) return undefined;
  const { lines } = ahead;
  ahead = undefined;
  return lines;
}

/**
 * Samples the sheet ever finer; `onSample` gets each picture, and is waited for before the next is read. Ends early when reading
 * is slow or the signal says so.
 */
export async function sampleValues(
  part: ShownPart,
  onSample: (sample: ValueSample) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (sheetOf(part.shown).count === 0) return;
  const { alongRows, along, lineBytes, passes } = planOf(part);
  const began = performance.now();
  let bytes = 0;
  let lines: Lines = [];
  for (const pass of passes) {
    const cost = lineBytes * Math.ceil((pass.lines.to - pass.lines.from) / (pass.lines.step ?? 1));
    const isFirst = lines.length === 0;
    // A pass reads as much as all before it together.
    if (!isFirst && (bytes + cost > BUDGET_BYTES || 2 * (performance.now() - began) > BUDGET_MS)) return;
    const found = await ((isFirst && takeAhead(part)) || readLines(part, alongRows, pass.lines, along, signal));
    bytes += cost;
    lines = isFirst ? found : weave(lines, found);
    await onSample(assemble(lines, alongRows, pass.lineStep, along.step ?? 1));
    if (signal.aborted) throw new StateglassError({ kind: 'cancelled' });
  }
}

const weave = <T>(even: readonly T[], odd: readonly T[]): T[] =>
  even.flatMap((line, i) => (i < odd.length ? [line, odd[i] as T] : [line]));

/** Lines of the storage, each a row or a column of the sheet. */
async function readLines(
  part: ShownPart,
  alongRows: boolean,
  lines: Span,
  along: Span,
  signal: AbortSignal,
): Promise<Lines> {
  const { document, entry, tensor, shown, raw } = part;
  const sheet = sheetOf(shown);
  const read = async (rows: Span, columns: Span): Promise<Float64Array<ArrayBuffer>> => {
    const slice = formatSlice(sliceOfBlock(shown, rows, columns), tensor.shape);
    const { values } = await engine().values({ document, entry, slice, raw }, { signal });
    return isComplex(tensor.dtype) ? sizesOf(values as Float64Array) : toNumbers(values);
  };
  if (sheet.wrapped) {
    // Rows of a wrapped vector lie apart and have no slice in common, unless they are all there.
    if (lines.step === 1) return cut(await read(lines, along), sheet.columns);
    const rows: number[] = [];
    for (let row = lines.from; row < lines.to; row += lines.step ?? 1) rows.push(row);
    return Promise.all(rows.map((row) => read({ from: row, to: row + 1 }, along)));
  }
  const length = Math.ceil((along.to - along.from) / (along.step ?? 1));
  const values = await (alongRows ? read(lines, along) : read(along, lines));
  const isOuter = alongRows === (shown.rows ?? -1) < (shown.columns ?? 0);
  return isOuter ? cut(values, length) : cutAcross(values, length);
}

const cut = (values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer>[] =>
  Array.from({ length: Math.ceil(values.length / length) }, (_, i) => values.slice(i * length, (i + 1) * length));

function cutAcross(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer>[] {
  const count = values.length / length;
  return Array.from({ length: count }, (_, line) =>
    Float64Array.from({ length }, (_, i) => values[i * count + line] as number),
  );
}

const toNumbers = (values: ArrayLike<number | bigint>): Float64Array<ArrayBuffer> =>
  values instanceof Float64Array ? (values as Float64Array<ArrayBuffer>) : Float64Array.from(values, Number);

const sizesOf = (pairs: Float64Array): Float64Array<ArrayBuffer> =>
  Float64Array.from({ length: pairs.length / 2 }, (_, i) => Math.hypot(pairs[2 * i]!, pairs[2 * i + 1]!));

function assemble(lines: Lines, alongRows: boolean, lineStep: number, alongStep: number): ValueSample {
  const length = lines[0]?.length ?? 0;
  // What a short last row does not have is no number.
  const values = new Float64Array(lines.length * length).fill(Number.NaN);
  lines.forEach((line, i) => {
    if (alongRows) values.set(line, i * length);
    else for (let j = 0; j < line.length; j++) values[j * lines.length + i] = line[j] as number;
  });
  return alongRows
    ? { rows: lines.length, columns: length, rowStep: lineStep, columnStep: alongStep, values }
    : { rows: length, columns: lines.length, rowStep: alongStep, columnStep: lineStep, values };
}
