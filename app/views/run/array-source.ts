/** An array in memory as a sheet of cells: the last axis is a row. */
import type { RunTensor } from '../../../src-core/index.ts';
import { type CellBlock, type CellSource, cornersOf } from '../../ui/cell-source.ts';
import type { Picture } from '../../ui/Heatmap.tsx';
import { exactWord, formatFor, isOdd } from '../../ui/number-format.ts';

export interface Sheet {
  readonly rows: number;
  readonly columns: number;
  indexOf(row: number, column: number): readonly number[];
}

export function sheetOf(shape: readonly number[]): Sheet {
  const columns = shape.at(-1) ?? 1;
  const outer = shape.slice(0, -1);
  const rows = outer.reduce((n, size) => n * size, 1);
  return {
    rows,
    columns,
    indexOf(row, column) {
      const index = shape.length === 0 ? [] : [column];
      let rest = row;
      for (const size of outer.toReversed()) {
        index.unshift(rest % size);
        rest = Math.floor(rest / size);
      }
      return index;
    },
  };
}

export interface ArraySource extends CellSource {
  /** A block as tab-separated text. */
  textOf(block: CellBlock): string;
}

const DIGITS = 5;
const SAMPLED = 1000;

export function arraySource({ dtype, shape, data }: RunTensor): ArraySource {
  const sheet = sheetOf(shape);
  const kind = dtype === 'f32' ? 'float' : dtype === 'bool' ? 'truth' : 'whole';
  const format = formatFor(kind, DIGITS, data.subarray(0, SAMPLED));
  const at = (row: number, column: number) => data[row * sheet.columns + column]!;
  return {
    rows: sheet.rows,
    columns: sheet.columns,
    rowHead: (row) => sheet.indexOf(row, 0).slice(0, -1).join(', ') || '0',
    columnHead: (column) => String(column),
    cell(row, column) {
      const value = at(row, column);
      if (isOdd(value)) return { text: format.write(value), tone: 'odd' };
      return { text: format.write(value), tone: value === 0 || value === 0n ? 'faint' : undefined };
    },
    want: () => undefined,
    subscribe: () => () => undefined,
    textOf(block) {
      const { rows, columns } = cornersOf(block);
      const lines: string[] = [];
      for (let row = rows.from; row < rows.to; row++) {
        const words: string[] = [];
        for (let column = columns.from; column < columns.to; column++) words.push(exactWord(at(row, column), kind));
        lines.push(words.join('\t'));
      }
      return lines.join('\n');
    },
  };
}

/** More points than a picture on screen has. */
const MOST_POINTS = 512;

/** Evenly spaced numbers of an array. */
export function pictureOf({ shape, data }: RunTensor): Picture {
  const { rows, columns } = sheetOf(shape);
  const rowStep = Math.ceil(rows / MOST_POINTS);
  const columnStep = Math.ceil(columns / MOST_POINTS);
  const [height, width] = [Math.ceil(rows / rowStep), Math.ceil(columns / columnStep)];
  const values = new Float64Array(height * width);
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) values[i * width + j] = Number(data[i * rowStep * columns + j * columnStep]);
  return { rows: height, columns: width, rowStep, columnStep, values };
}
