/**
 * The one-to-one assignment of the greatest sum of scores: for each row its column, −1 for none. By the Hungarian method with
 * potentials (Jonker and Volgenant), in the cube of the larger side: callers keep it below some hundred.
 */
export function assignBest(rows: number, columns: number, score: (row: number, column: number) => number): Int32Array {
  if (rows > columns) {
    const swapped = assignBest(columns, rows, (column, row) => score(row, column));
    const found = new Int32Array(rows).fill(-1);
    for (const [column, row] of swapped.entries()) if (row >= 0) found[row] = column;
    return found;
  }
  // Rows and columns count from 1; 0 is the row that is being placed.
  const [ofRow, ofColumn] = [new Float64Array(rows + 1), new Float64Array(columns + 1)];
  const [rowOf, way] = [new Int32Array(columns + 1), new Int32Array(columns + 1)];
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    const least = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const seen = new Uint8Array(columns + 1);
    let at = 0;
    do {
      seen[at] = 1;
      const from = rowOf[at]!;
      let [step, next] = [Number.POSITIVE_INFINITY, 0];
      for (let column = 1; column <= columns; column++) {
        if (seen[column]) continue;
        const cost = -score(from - 1, column - 1) - ofRow[from]! - ofColumn[column]!;
        if (cost < least[column]!) {
          least[column] = cost;
          way[column] = at;
        }
        if (least[column]! < step) [step, next] = [least[column]!, column];
      }
      for (let column = 0; column <= columns; column++) {
        if (seen[column]) {
          ofRow[rowOf[column]!]! += step;
          ofColumn[column]! -= step;
        } else least[column]! -= step;
      }
      at = next;
    } while (rowOf[at] !== 0);
    for (; at !== 0; at = way[at]!) rowOf[at] = rowOf[way[at]!]!;
  }
  const found = new Int32Array(rows).fill(-1);
  for (let column = 1; column <= columns; column++) if (rowOf[column]! > 0) found[rowOf[column]! - 1] = column - 1;
  return found;
}
