/** Pixels of a drawn cell at most: a 3×3 kernel must not fill the screen. */
const MOST_CELL = 44;
/** Pixels of the narrow side of a long sheet, so that it can be seen and pointed at. */
const LEAST_SIDE = 48;

/** How far a cell may be from a square to fill the room. */
const MOST_STRETCH = 2.5;

/** How large a sheet is drawn: cells near to square, and a long sheet widened rather than a hair. */
export function pictureSize(
  rows: number,
  columns: number,
  room: { readonly width: number; readonly height: number },
): { readonly width: number; readonly height: number } {
  if (rows === 0 || columns === 0) return { width: 0, height: 0 };
  const [across, down] = [room.width / columns, room.height / rows].map((size) => Math.min(MOST_CELL, size)) as [
    number,
    number,
  ];
  const side = (count: number, size: number, other: number, most: number) => {
    const cell = Math.min(size, other * MOST_STRETCH);
    return Math.floor(Math.min(most, Math.max(count * cell, Math.min(LEAST_SIDE, count * MOST_CELL))));
  };
  return { width: side(columns, across, down, room.width), height: side(rows, down, across, room.height) };
}
