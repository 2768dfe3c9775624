import { formatSlice } from '../../src-core/index.ts';
import { engine } from './engine.ts';
import { type Span, sheetOf, sliceOfBlock } from './shown-slice.ts';
import { type CellValue, isComplex, type ShownPart } from './value-tiles.ts';

/** The numbers of a block of the sheet, by rows. A wrapped last row may be short. */
export async function readBlock(part: ShownPart, rows: Span, columns: Span): Promise<CellValue[][]> {
  const { document, entry, tensor, shown, raw } = part;
  const sheet = sheetOf(shown);
  const slice = formatSlice(sliceOfBlock(shown, rows, columns), tensor.shape);
  const { values } = await engine().values({ document, entry, slice, raw });
  const complex = isComplex(tensor.dtype);
  const valueAt = (at: number): CellValue =>
    complex ? [values[2 * at] as number, values[2 * at + 1] as number] : (values[at] as number | bigint);
  // Of a wrapped vector whole rows come; of a tensor turned round, columns.
  const from = sheet.wrapped ? 0 : columns.from;
  const width = sheet.wrapped ? sheet.columns : columns.to - columns.from;
  const turned = shown.rows !== undefined && shown.columns !== undefined && shown.rows > shown.columns;
  const [rowStep, columnStep] = turned ? [1, rows.to - rows.from] : [width, 1];
  return Array.from({ length: rows.to - rows.from }, (_, i) => {
    const cells: CellValue[] = [];
    for (let column = columns.from; column < columns.to; column++) {
      if ((rows.from + i) * sheet.columns + column >= sheet.count) break;
      cells.push(valueAt(i * rowStep + (column - from) * columnStep));
    }
    return cells;
  });
}

/** One number of a tensor, by its index as text. */
export async function readElement(
  { document, entry, tensor, raw }: Omit<ShownPart, 'shown'>,
  index: string,
  signal: AbortSignal,
): Promise<CellValue> {
  const { values } = await engine().values({ document, entry, slice: index, raw }, { signal });
  return isComplex(tensor.dtype) ? [values[0] as number, values[1] as number] : (values[0] as number | bigint);
}
