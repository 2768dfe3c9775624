import { readBlock } from '../../state/read-block.ts';
import type { ShownPart } from '../../state/value-tiles.ts';
import { type CellBlock, cornersOf } from '../../ui/cell-source.ts';
import { exactWord, type NumberKind } from '../../ui/number-format.ts';

/** Puts a block on the clipboard: a number in full, or rows of them with tabs between, as spreadsheets take them. */
export async function copyBlock(part: ShownPart, block: CellBlock, kind: NumberKind): Promise<void> {
  const { rows, columns } = cornersOf(block);
  const lines = await readBlock(part, rows, columns);
  const text = lines.map((line) => line.map((value) => exactWord(value, kind)).join('\t')).join('\n');
  await navigator.clipboard.writeText(text);
}
