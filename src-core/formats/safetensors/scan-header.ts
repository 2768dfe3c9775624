import { malformed, throwIfAborted } from '../../base/errors.ts';
import { CUT_AT_DOTS, JsonReader } from '../../model/json-reader.ts';
import type { ProblemList } from '../../model/problem-list.ts';
import { type MetaItem, PART_TEXT, ROW_FLAG } from '../../model/state-dict.ts';
import { ascii, EntryScan, matches } from './scan-entry.ts';
import { keyText, type RowFile, type TensorRows } from './tensor-rows.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const COLON = 0x3a;
/** What a tensor of a large model takes in a header: a name of 60 bytes and as much beside it. A guess that spares copying. */
const BYTES_OF_ROW = 128;
/** How often a scan looks whether it was called off: every 8192 rows, some 5 ms. */
const ABORT_MASK = 8191;

const METADATA = ascii('__metadata__');

/**
 * Reads one header's JSON into rows, in the order it is written. Strict about JSON; a value that describes no tensor becomes a
 * row that shows what stands there. Returns the file's metadata, in source order.
 *
 * @throws `malformed` with the byte offset where the JSON breaks, or when no tensor can be read; `limit` for offsets past 2^53 - 1.
 */
export function scanHeader(
  json: Uint8Array,
  jsonStart: number,
  rows: TensorRows,
  file: RowFile,
  problems: ProblemList,
  signal?: AbortSignal,
): readonly MetaItem[] {
  const reader = new JsonReader(json, file.name, 'safetensors', jsonStart);
  const scan = new EntryScan(reader, rows);
  const metadata: MetaItem[] = [];
  // A key is two quotes shorter than in the header, which leaves room for its tag.
  rows.reserveKeys(json.length, file.name);
  rows.reserveRows(Math.ceil(json.length / BYTES_OF_ROW));
  reader.expect(OPEN);
  for (let first = true; reader.more(CLOSE, first); first = false) {
    if ((rows.count & ABORT_MASK) === 0) throwIfAborted(signal);
    if (reader.peek() !== QUOTE) reader.fail('a tensor name has to stand in quotes');
    const nameAt = reader.at;
    const start = rows.keyStart[rows.count]!;
    rows.keys[start] = PART_TEXT;
    const end = reader.copyString(rows.keys, start + 1, CUT_AT_DOTS);
    const isCut = reader.sawLoneSurrogate;
    reader.expect(COLON);
    if (end - start - 1 === METADATA.length && matches(rows.keys, start + 1, METADATA)) {
      readMetadata(reader, metadata, problems, file, jsonStart);
      continue;
    }
    const row = rows.addRow(end);
    if (isCut) {
      flag(
        rows,
        row,
        problems,
        'lone-surrogate',
        'warning',
        file,
        jsonStart + nameAt,
        (key) => `The name ${key} has half a character (a lone surrogate).`,
      );
    }
    const valueAt = reader.at;
    if (!scan.readPlainEntry(row) && !scan.readEntry(row)) {
      const code = scan.isOverflow ? 'shape-overflow' : 'not-a-tensor';
      const why = scan.isOverflow
        ? 'has a shape of more elements than any file can hold'
        : 'has no dtype, shape and data_offsets as a tensor must';
      reader.at = valueAt;
      rows.odd.set(row, reader.readNode());
      flag(rows, row, problems, code, 'error', file, jsonStart + valueAt, (key) => `${key} ${why}.`);
    }
  }
  if (reader.peek() !== -1) reader.fail('something follows the end of the header');
  const tensors = rows.count - file.firstRow;
  if (tensors > 0 && rows.odd.size > 0) refuseIfNone(rows, file, jsonStart);
  return metadata;
}

/** A file opens as far as it can be read; when that is nowhere, it is refused. */
function refuseIfNone(rows: TensorRows, file: RowFile, jsonStart: number): void {
  for (let row = file.firstRow; row < file.endRow; row++) if (!rows.odd.has(row)) return;
  const detail = `no tensor of the header can be read: ${keyText(rows, file.firstRow)} has no dtype, shape and data_offsets that make sense`;
  throw malformed(file.name, 'safetensors', detail, jsonStart);
}

function flag(
  rows: TensorRows,
  row: number,
  problems: ProblemList,
  code: string,
  severity: 'error' | 'warning',
  file: RowFile,
  at: number,
  say: (key: string) => string,
): void {
  rows.flags[row]! |= ROW_FLAG.problem;
  problems.add({ code, severity, message: say(keyText(rows, row)), entry: row, file: file.id, at });
}

function readMetadata(
  reader: JsonReader,
  into: MetaItem[],
  problems: ProblemList,
  file: RowFile,
  jsonStart: number,
): void {
  reader.peek();
  const at = jsonStart + reader.at;
  const node = reader.readNode();
  const warn = (message: string) =>
    problems.add({
      code: 'metadata-type',
      severity: 'warning',
      message,
      file: file.id,
      at,
      advice: 'The reference library refuses such a file. Write the metadata as texts.',
    });
  if (node.kind !== 'object') {
    warn('__metadata__ is not an object of texts.');
    into.push({ section: '__metadata__', key: '', value: node });
    return;
  }
  for (const [key, value] of node.members) {
    if (value.kind !== 'string') warn(`The metadata value of ${JSON.stringify(key)} is not a text.`);
    into.push({ section: '__metadata__', key, value });
  }
}
