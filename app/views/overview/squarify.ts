/** Rectangles in proportion to weights. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Fills a box with one rectangle for each weight, in descending order, as nearly square as they come (Bruls, Huizing and van
 * Wijk, "Squarified Treemaps", 2000). Together they cover the box exactly: the last of each row and the last row take what is left.
 */
export function squarify(weights: readonly number[], box: Box): readonly Box[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return weights.map(() => ({ ...box, width: 0, height: 0 }));
  const scale = (box.width * box.height) / total;
  const boxes: Box[] = [];
  let free = box;
  for (let from = 0; from < weights.length; ) {
    const side = Math.min(free.width, free.height);
    let to = from + 1;
    let area = weights[from]! * scale;
    while (to < weights.length) {
      const next = area + weights[to]! * scale;
      if (
        worst(weights[from]! * scale, weights[to]! * scale, next, side) >
        worst(weights[from]! * scale, weights[to - 1]! * scale, area, side)
      )
        break;
      area = next;
      to++;
    }
    const isWide = free.width >= free.height;
    const isLast = to === weights.length;
    const depth = isLast ? (isWide ? free.width : free.height) : area / side;
    let along = 0;
    for (let i = from; i < to; i++) {
      const length = i === to - 1 ? side - along : (weights[i]! * scale * side) / area;
      boxes.push(
        isWide
          ? { x: free.x, y: free.y + along, width: depth, height: length }
          : { x: free.x + along, y: free.y, width: length, height: depth },
      );
      along += length;
    }
    free = isWide
      ? { x: free.x + depth, y: free.y, width: free.width - depth, height: free.height }
      : { x: free.x, y: free.y + depth, width: free.width, height: free.height - depth };
    from = to;
  }
  return boxes;
}

/** The longest shape in a row whose largest and smallest areas are these. */
function worst(largest: number, smallest: number, area: number, side: number): number {
  const square = side * side;
  return Math.max((square * largest) / (area * area), (area * area) / (square * smallest));
}
