import { marksEntry, type ProblemList } from '../../model/problem-list.ts';
import type { Problem, ShareGroup } from '../../model/state-dict.ts';
import { ROW_FLAG } from '../../model/state-dict.ts';
import { bitsOf, dtypeLabel, packedBytes } from '../../tensor/dtype.ts';
import { keyText, NOWHERE, type RowFile, type TensorRows } from './tensor-rows.ts';

/**
 * What the reference library refuses a file for (`Metadata::validate` in `tensor.rs`), told as problems: the tensors have to fill
 * the data from its first byte to its last, each as large as its dtype and shape say. Marks the rows concerned.
 */
export function checkRows(rows: TensorRows, file: RowFile, problems: ProblemList): readonly ShareGroup[] {
  const say = (row: number, problem: Omit<Problem, 'entry' | 'file'>): void => {
    if (marksEntry(problem)) rows.flags[row]! |= ROW_FLAG.problem;
    problems.add({ ...problem, entry: row, file: file.id });
  };
  checkHeaderLength(file, problems);
  checkEnds(rows, file, problems, say);
  checkSizes(rows, file, say);
  checkAlignment(rows, file, problems);
  return fillsData(rows, file) ? [] : checkTiling(rows, file, problems, say);
}

type Say = (row: number, problem: Omit<Problem, 'entry' | 'file'>) => void;

function checkHeaderLength(file: RowFile, problems: ProblemList): void {
  if (file.dataStart % 8 === 0) return;
  problems.add({
    code: 'unaligned-header',
    severity: 'note',
    message: `The data of ${file.name} begins at byte ${file.dataStart}, which is no multiple of 8.`,
    advice: 'Some programs cannot map such a file into memory. Writers pad the header with spaces.',
    file: file.id,
    at: file.dataStart,
  });
}

function checkEnds(rows: TensorRows, file: RowFile, problems: ProblemList, say: Say): void {
  const room = (file.size ?? 0) - file.dataStart;
  let cut = 0;
  let needed = 0;
  for (let row = file.firstRow; row < file.endRow; row++) {
    const end = rows.end[row]!;
    if (end <= room) continue;
    cut++;
    if (end > needed) needed = end;
  }
  if (cut > 0) {
    problems.add({
      code: 'truncated',
      severity: 'error',
      message: `${file.name} has ${file.size} bytes, its header describes ${file.dataStart + needed}: ${cut} of its tensors are not there, or not whole.`,
      file: file.id,
      at: file.size ?? 0,
    });
  }
  for (let row = file.firstRow; row < file.endRow; row++) {
    const begin = rows.begin[row]!;
    const end = rows.end[row]!;
    if (begin > end) {
      const message = `${keyText(rows, row)} ends (${end}) before it begins (${begin}).`;
      say(row, { code: 'bad-offsets', severity: 'error', message });
    } else if (end > room) {
      const message = `${keyText(rows, row)} ends ${end - room} bytes after the end of ${file.name}.`;
      say(row, { code: 'truncated', severity: 'error', message });
    }
  }
}

function checkSizes(rows: TensorRows, file: RowFile, say: Say): void {
  const dtypes = rows.dtypes.list;
  const bits = Float64Array.from(dtypes, (dtype) => bitsOf(dtype) ?? 0);
  for (let row = file.firstRow; row < file.endRow; row++) {
    const begin = rows.begin[row]!;
    const code = rows.dtype[row]! - 1;
    if (begin === NOWHERE || code < 0) continue;
    const stored = rows.end[row]! - begin;
    const elements = rows.shapes.counts[rows.shape[row]!]!;
    if (bits[code]! > 0 && elements * bits[code]! === stored * 8) continue;
    const dtype = dtypes[code]!;
    const key = keyText(rows, row);
    if (bits[code] === 0) {
      const message = `${key} has the element type ${dtypeLabel(dtype)}, which is not known.`;
      say(row, { code: 'unknown-dtype', severity: 'warning', message, advice: 'Its bytes are kept as they are.' });
    } else if (stored >= 0) {
      const wanted = packedBytes(dtype, elements);
      const message = `${key} takes ${stored} bytes; its dtype and shape make ${wanted ?? `${elements * bits[code]!} bits`}.`;
      say(row, { code: 'size-mismatch', severity: 'error', message });
    }
  }
}

/** One note for all: older writers do not sort by alignment, and then most rows are off. */
function checkAlignment(rows: TensorRows, file: RowFile, problems: ProblemList): void {
  const width = Float64Array.from(rows.dtypes.list, (dtype) => Math.max(1, (bitsOf(dtype) ?? 8) / 8));
  let count = 0;
  let example = 0;
  for (let row = file.firstRow; row < file.endRow; row++) {
    const code = rows.dtype[row]! - 1;
    if (code < 0 || rows.begin[row]! < 0 || rows.begin[row]! % width[code]! === 0) continue;
    if (count++ === 0) example = row;
  }
  if (count === 0) return;
  problems.add({
    code: 'misaligned',
    severity: 'note',
    message: `${count} ${count === 1 ? 'tensor does' : 'tensors do'} not begin at a multiple of the element size, ${keyText(rows, example)} for one.`,
    advice:
      'Programs that map the file into memory (MAX) copy such tensors or refuse them. Load and save it again: the library puts wide types first.',
    entry: example,
    file: file.id,
  });
}

/** The healthy case, without finding out which tensor lies where: ends, sorted, meet begins, sorted, from 0 to the end of the file. */
function fillsData(rows: TensorRows, file: RowFile): boolean {
  const room = (file.size ?? 0) - file.dataStart;
  let reach = 0;
  let row = file.firstRow;
  while (row < file.endRow && rows.begin[row] === reach && rows.end[row]! >= reach) reach = rows.end[row++]!;
  if (row === file.endRow) return reach === room;
  const begins = rows.begin.slice(file.firstRow, file.endRow).sort();
  const ends = rows.end.slice(file.firstRow, file.endRow).sort();
  for (let i = file.firstRow; i < file.endRow; i++) if (rows.begin[i]! > rows.end[i]!) return false;
  for (let i = 1; i < begins.length; i++) if (begins[i] !== ends[i - 1]) return false;
  return begins[0] === 0 && ends.at(-1) === room;
}

function checkTiling(rows: TensorRows, file: RowFile, problems: ProblemList, say: Say): readonly ShareGroup[] {
  const { begin, end } = rows;
  const placed: number[] = [];
  for (let row = file.firstRow; row < file.endRow; row++) if (rows.isInside(row)) placed.push(row);
  const order = Uint32Array.from(placed).sort((a, b) => begin[a]! - begin[b]! || end[a]! - end[b]! || a - b);
  const groups = new Map<number, number[]>();
  let reach = 0;
  let reachRow = -1;
  let owner = -1;
  for (const row of order) {
    const from = begin[row]!;
    const to = end[row]!;
    if (from > reach) sayHole(file, problems, reach, from);
    if (from < reach && to > from) {
      const sameAs = owner >= 0 && begin[owner] === from && end[owner] === to ? owner : -1;
      const other = keyText(rows, sameAs >= 0 ? sameAs : reachRow);
      const what = sameAs >= 0 ? 'has the same bytes as' : 'overlaps';
      say(row, { code: 'overlap', severity: 'warning', message: `${keyText(rows, row)} ${what} ${other}.` });
      if (sameAs >= 0) {
        const aliases = groups.get(sameAs);
        if (aliases) aliases.push(row);
        else groups.set(sameAs, [row]);
        continue;
      }
    }
    if (to > from) owner = row;
    if (to > reach) {
      reach = to;
      reachRow = row;
    }
  }
  const room = (file.size ?? 0) - file.dataStart;
  if (reach < room && placed.length === file.endRow - file.firstRow) {
    problems.add({
      code: 'tail',
      severity: 'warning',
      message: `${room - reach} bytes at the end of ${file.name} belong to no tensor.`,
      advice:
        'The reference library refuses such a file, because something else could be hidden there. Save it again with the library.',
      file: file.id,
      at: file.dataStart + reach,
    });
  }
  return [...groups].map(([first, aliases]) => shareRows(rows, first, aliases));
}

function sayHole(file: RowFile, problems: ProblemList, from: number, to: number): void {
  problems.add({
    code: 'hole',
    severity: 'warning',
    message: `${to - from} bytes of ${file.name} before byte ${file.dataStart + to} belong to no tensor.`,
    advice:
      'The reference library refuses such a file, because something else could be hidden there. Save it again with the library.',
    file: file.id,
    at: file.dataStart + from,
  });
}

function shareRows(rows: TensorRows, owner: number, aliases: readonly number[]): ShareGroup {
  rows.flags[owner]! |= ROW_FLAG.tied;
  for (const row of aliases) {
    rows.flags[row]! |= ROW_FLAG.tied | ROW_FLAG.alias;
    rows.owner.set(row, owner);
  }
  return { kind: 'same-storage', owner, aliases };
}
