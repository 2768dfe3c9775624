import { StateglassError } from '../../base/errors.ts';
import { guessRole, guessRoleCode } from '../../model/guess-role.ts';
import type { KeySyntax } from '../../model/keys/key.ts';
import { recogniseSyntax } from '../../model/keys/recognise.ts';
import {
  type Entries,
  type Entry,
  type EntryColumns,
  NO_SHAPE,
  ROW_FLAG,
  type Storage,
  type Storages,
  VALUE_ORDER,
  type Value,
} from '../../model/state-dict.ts';
import { undeclaredTensor } from '../../model/value.ts';
import { readPaths } from './key-paths.ts';
import { NOWHERE, type TensorRows } from './tensor-rows.ts';

/** Keys looked at to find out how all are written. */
const SAMPLE = 256;
const JSON_CODE = VALUE_ORDER.indexOf('json');

/** The rows of a document as entries and storages. Each tensor is its own storage, whose id is its row. */
export class TensorTable implements Entries, Storages {
  readonly syntax: KeySyntax;
  private readonly rows: TensorRows;

  constructor(rows: TensorRows) {
    this.rows = rows;
    this.syntax = recogniseSyntax(sampleKeys(rows));
    for (let row = 0; row < rows.count; row++) {
      const isHere = rows.isInside(row) || rows.odd.has(row);
      rows.flags[row]! |= ROW_FLAG.guessedRole | (isHere ? 0 : ROW_FLAG.absent);
    }
  }

  get length(): number {
    return this.rows.count;
  }

  get size(): number {
    return this.rows.count;
  }

  at(row: number): Entry {
    const { rows } = this;
    if (!Number.isInteger(row) || row < 0 || row >= rows.count) {
      throw new StateglassError({ kind: 'not-found', what: `row ${row}`, detail: 'no such entry' });
    }
    const key = rows.key(row);
    const path = this.syntax.parse(key);
    const odd = rows.odd.get(row);
    if (odd) {
      const value: Value = { type: 'json', json: odd, flavour: 'no tensor' };
      return { id: row, path, key, value, role: { role: 'unknown' }, roleSource: 'heuristic' };
    }
    const role = guessRole(String(path.parts.at(-1) ?? ''));
    return { id: row, path, key, value: this.tensorAt(row), role: { role }, roleSource: 'heuristic' };
  }

  get(id: number): Storage | undefined {
    const { rows } = this;
    if (!Number.isInteger(id) || id < 0 || id >= rows.count || rows.odd.has(id)) return undefined;
    const file = rows.fileOf(id);
    const byteLength = Math.max(0, rows.end[id]! - rows.begin[id]!);
    const base = { id, byteLength, endian: 'little' } as const;
    if (!rows.isInside(id)) return { ...base, data: { kind: 'absent', why: this.whyAbsent(id) } };
    const slice = { file: file.id, offset: file.dataStart + rows.begin[id]!, length: byteLength };
    return { ...base, data: { kind: 'slices', slices: [slice] } };
  }

  /** Arrays of the caller's own: they are transferred to other threads, which empties them here. */
  columns(): EntryColumns {
    const { rows } = this;
    const { count } = rows;
    const { bytes: paths, start: pathStart } = readPaths(rows, this.syntax);
    const types = new Uint8Array(count);
    const params = new Float64Array(count);
    const bytes = new Float64Array(count);
    const roles = new Uint8Array(count);
    const { counts } = rows.shapes;
    for (let row = 0; row < count; row++) {
      const shape = rows.shape[row]!;
      if (shape !== NO_SHAPE) params[row] = counts[shape]!;
      if (rows.isInside(row)) bytes[row] = rows.end[row]! - rows.begin[row]!;
      roles[row] = this.roleCodeAt(paths, pathStart[row]!, pathStart[row + 1]!);
    }
    for (const row of rows.odd.keys()) {
      types[row] = JSON_CODE;
      roles[row] = 0;
    }
    return {
      count,
      paths,
      pathStart,
      types,
      dtype: rows.dtype.slice(0, count),
      dtypes: rows.dtypes.list.slice(),
      shape: rows.shape.slice(0, count),
      shapes: rows.shapes.list.slice(),
      params,
      bytes,
      flags: rows.flags.slice(0, count),
      roles,
    };
  }

  private tensorAt(row: number): Value {
    const { rows } = this;
    const storage = rows.owner.get(row) ?? row;
    const code = rows.dtype[row]!;
    if (code === 0) return undeclaredTensor(storage);
    const dtype = rows.dtypes.list[code - 1]!;
    return { type: 'tensor', dtype, shape: rows.shapes.list[rows.shape[row]!]!, offset: 0, storage };
  }

  private whyAbsent(row: number): string {
    const { rows } = this;
    const file = rows.fileOf(row);
    if (file.size === undefined) return `${file.name} is not open`;
    if (rows.begin[row] === NOWHERE) return `${file.name} does not hold it`;
    return rows.begin[row]! > rows.end[row]! ? 'its end lies before its begin' : `${file.name} ends before it`;
  }

  private roleCodeAt(paths: Uint8Array, start: number, end: number): number {
    let label = end;
    while (label > start && paths[label - 1]! < 0xfe) label--;
    return guessRoleCode(paths, label, end);
  }
}

function sampleKeys(rows: TensorRows): readonly string[] {
  const step = Math.max(1, Math.floor(rows.count / SAMPLE));
  const sample: string[] = [];
  for (let row = 0; row < rows.count; row += step) sample.push(rows.key(row));
  return sample;
}
