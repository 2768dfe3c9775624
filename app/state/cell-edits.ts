import { formatSlice } from '../../src-core/index.ts';
import { tryEdit } from './edits.ts';
import { cutRange, type Span, sheetOf, sliceOfBlock } from './shown-slice.ts';
import type { ShownPart } from './value-tiles.ts';

/** Rows and columns of the sheet. */
export interface EditedBlock {
  readonly rows: Span;
  readonly columns: Span;
}

/** Sets every number of a block to what was typed. */
export async function setBlock(part: ShownPart, key: string, block: EditedBlock, text: string): Promise<void> {
  for (const run of runsOf(part, block))
    await tryEdit(part.document, {
      op: 'set-elements',
      args: { key, slice: sliceText(part, run), values: readNumber(text) },
    });
}

/** Sets numbers from a spreadsheet's: tabs between columns, a line for each row. The place of the first is given. */
export async function pasteBlock(
  part: ShownPart,
  key: string,
  row: number,
  column: number,
  text: string,
): Promise<void> {
  const lines = text.replace(/\r/g, '').replace(/\n$/, '').split('\n');
  const cells = lines.map((line) => line.split('\t').map(readNumber));
  const wide = Math.max(...cells.map((line) => line.length));
  const block = { rows: { from: row, to: row + cells.length }, columns: { from: column, to: column + wide } };
  const runs = runsOf(part, block);
  for (const [i, run] of runs.entries()) {
    const values = runs.length > 1 ? cells[i] : shapeLike(part, cells);
    await tryEdit(part.document, { op: 'set-elements', args: { key, slice: sliceText(part, run), values } });
  }
}

/** Of a vector that is wrapped like a text, each row of a block is a run of its own, unless whole rows follow one another. */
function runsOf({ shown }: ShownPart, block: EditedBlock): readonly EditedBlock[] {
  const { wrapped, columns } = sheetOf(shown);
  const { rows } = block;
  const isWhole = block.columns.from === 0 && block.columns.to >= columns;
  if (!wrapped || rows.to - rows.from === 1 || isWhole) return [block];
  return Array.from({ length: rows.to - rows.from }, (_, i) => ({
    rows: { from: rows.from + i, to: rows.from + i + 1 },
    columns: block.columns,
  }));
}

function sliceText({ shown, tensor }: ShownPart, { rows, columns }: EditedBlock): string {
  const sheet = sheetOf(shown);
  const axis = shown.columns;
  if (!sheet.wrapped || axis === undefined) return formatSlice(sliceOfBlock(shown, rows, columns), tensor.shape);
  const from = rows.from * sheet.columns + columns.from;
  const to = Math.min(sheet.count, (rows.to - 1) * sheet.columns + columns.to);
  const slice = shown.slice.map((item, at) => (at === axis && item.kind === 'range' ? cutRange(item, from, to) : item));
  return formatSlice(slice, tensor.shape);
}

/** The lists of a slice have its running axes, in the tensor's order. */
function shapeLike({ shown }: ShownPart, cells: readonly (readonly (number | string | boolean)[])[]): unknown {
  if (shown.rows === undefined) return cells.flat();
  if (shown.rows < (shown.columns ?? 0)) return cells;
  return (cells[0] ?? []).map((_, column) => cells.map((line) => line[column]));
}

/** What JSON has no number for stays a text: the op reads it, or says what is wrong with it. */
export function readNumber(text: string): number | string | boolean {
  const word = text.trim().replace('−', '-');
  if (word === 'true' || word === 'false') return word === 'true';
  if (/^[+-]?inf(inity)?$/i.test(word)) return word.startsWith('-') ? '-Infinity' : 'Infinity';
  if (/^nan$/i.test(word)) return 'NaN';
  const value = Number(word);
  return word === '' || !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
    ? word
    : value;
}
