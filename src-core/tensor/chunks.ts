/** Tensors of which every chunk is an input, or lies in one that holds several. */
import { type OpenInput, readDense } from './dense-range.ts';
import { bytesOfHex, type Chunks, type Shard } from './derivation.ts';
import type { Maker } from './derive.ts';
import { countElements } from './dtype.ts';
import { gridMaker, gridShape, type ReadChunk } from './grid.ts';
import { contiguousStrides } from './layout.ts';
import { openShard } from './shard.ts';
import { unravel } from './walk.ts';

export function chunksMaker(chunks: Chunks, inputs: readonly OpenInput[]): Maker {
  const { shape, chunk, places, fill, shard } = chunks;
  const byPlace = new Map(places.map((place, i) => [place, inputs[i] as OpenInput]));
  if (shard) {
    const grid = { shape, chunk: shard.chunk, fill: bytesOfHex(fill) };
    return gridMaker(grid, chunksInShards(chunks, shard, byPlace));
  }
  const count = countElements(chunk);
  return gridMaker({ shape, chunk, fill: bytesOfHex(fill) }, async (place, signal) => {
    const input = byPlace.get(place);
    return input && readDense(input, 0, count, signal);
  });
}

/** Shards are opened as they are met; of each its index stays. */
function chunksInShards({ shape, chunk }: Chunks, shard: Shard, byPlace: ReadonlyMap<number, OpenInput>): ReadChunk {
  const each = chunk.map((dim, axis) => dim / shard.chunk[axis]!);
  const all = gridShape({ shape, chunk: shard.chunk });
  const outerSteps = contiguousStrides(gridShape({ shape, chunk }));
  const innerSteps = contiguousStrides(each);
  const open = new Map<number, ReadChunk>();
  return async (place, signal) => {
    let [outer, inner] = [0, 0];
    for (const [axis, at] of unravel(place, all).entries()) {
      outer += Math.floor(at / each[axis]!) * outerSteps[axis]!;
      inner += (at % each[axis]!) * innerSteps[axis]!;
    }
    const input = byPlace.get(outer);
    if (!input) return undefined;
    const read = open.get(outer) ?? openShard(shard, countElements(each), input);
    open.set(outer, read);
    return read(inner, signal);
  };
}
