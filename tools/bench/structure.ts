/** Two files compared without a look at any value, as it is done in Node and in the page. */
import { type ByteSource, COMPARE_STATUSES, compareDocuments, openFiles } from '../../src-core/index.ts';

export interface Structure {
  /** Seconds for the comparison; the files are open. */
  readonly seconds: number;
  /** Bytes that opening reads of both files: headers, and what is read ahead to find them. */
  readonly openBytes: number;
  /** Bytes that comparing reads. */
  readonly bytesRead: number;
  /** `KEY DTYPE [DIMS] DTYPE [DIMS] STATUS`, a line for each pair, sorted. */
  readonly lines: readonly string[];
}

export async function compareStructures(sources: readonly ByteSource[]): Promise<Structure> {
  let bytesRead = 0;
  const counted = sources.map((source): ByteSource => {
    const count = <T extends Uint8Array>(bytes: T): T => {
      bytesRead += bytes.length;
      return bytes;
    };
    return {
      name: source.name,
      size: source.size,
      handle: source.handle,
      read: async (...range) => count(await source.read(...range)),
    };
  });
  const [a, b] = await Promise.all(
    counted.map(async (source, i) => (await openFiles([{ id: `${i} ${source.name}`, source }])).documents[0]),
  );
  if (!a || !b) throw new Error('a file does not open');
  const openBytes = bytesRead;
  const started = performance.now();
  const { pairing, status } = await compareDocuments(a, b);
  const seconds = (performance.now() - started) / 1000;
  const wordsOf = ({ state }: typeof a, row: number): string => {
    const { value } = state.entries.at(row);
    return value.type === 'tensor' ? `${value.dtype} [${value.shape.join(', ')}]` : value.type;
  };
  const lines = Array.from(status, (code, pair) => {
    const [rowA, rowB] = [pairing.rowA[pair]!, pairing.rowB[pair]!];
    const { key } = rowA < 0 ? b.state.entries.at(rowB) : a.state.entries.at(rowA);
    const sides = [rowA < 0 ? '-' : wordsOf(a, rowA), rowB < 0 ? '-' : wordsOf(b, rowB)];
    return [key, ...sides, COMPARE_STATUSES[code]].join(' ');
  });
  return { seconds, openBytes, bytesRead: bytesRead - openBytes, lines: lines.sort() };
}
