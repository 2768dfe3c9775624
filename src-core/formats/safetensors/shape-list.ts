const SLOTS = 256;

/** The distinct shapes of a document. Half a million tensors have a few dozen. */
export class ShapeList {
  readonly list: (readonly number[])[] = [];
  /** Elements of each shape. */
  readonly counts: number[] = [];
  private readonly ids = new Map<string, number>();
  /** Shapes met lately, so that a hit costs neither a text nor an array. */
  private readonly recent = new Int32Array(SLOTS).fill(-1);

  /** Id of the shape in the first `rank` of `dims`, whose elements are `count`. */
  idOf(dims: Float64Array, rank: number, count: number): number {
    let hash = rank;
    for (let i = 0; i < rank; i++) hash = (Math.imul(hash, 31) + dims[i]!) | 0;
    const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1);
    const seen = this.recent[slot]!;
    if (seen >= 0 && isSame(this.list[seen]!, dims, rank)) return seen;
    const shape = Array.from(dims.subarray(0, rank));
    const key = shape.join();
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.list.push(shape) - 1;
      this.counts.push(count);
      this.ids.set(key, id);
    }
    this.recent[slot] = id;
    return id;
  }
}

function isSame(shape: readonly number[], dims: Float64Array, rank: number): boolean {
  if (shape.length !== rank) return false;
  for (let i = 0; i < rank; i++) if (shape[i] !== dims[i]) return false;
  return true;
}
