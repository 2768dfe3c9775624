import type { FileId } from '../../bytes/source.ts';
import { marksEntry, ProblemList } from '../../model/problem-list.ts';
import { inTwoShards } from '../../model/shards/shard-problems.ts';
import type {
  ByteSlice,
  Dialect,
  FileInfo,
  JsonNode,
  MetaItem,
  Problem,
  ShareGroup,
  StateDict,
} from '../../model/state-dict.ts';
import { ROW_FLAG } from '../../model/state-dict.ts';
import type { ReadResult } from '../format.ts';
import { checkRows } from './check-rows.ts';
import { KeyIndex } from './key-index.ts';
import type { Header } from './read-header.ts';
import { LENGTH_BYTES } from './read-header.ts';
import { scanHeader } from './scan-header.ts';
import { keyText, TensorRows } from './tensor-rows.ts';
import { TensorTable } from './tensor-table.ts';

/** A document while its files are added, in shard order. */
export class Assembly {
  readonly rows = new TensorRows();
  readonly problems = new ProblemList();
  readonly files: FileInfo[] = [];
  readonly metadata: MetaItem[] = [];
  private readonly shares: ShareGroup[] = [];

  /** Adds the tensors of one file. When its header cannot be read nothing of it stays. */
  addFile(id: FileId, name: string, size: number, header: Header, signal?: AbortSignal): void {
    const { rows, problems } = this;
    const rowMark = rows.mark();
    const problemMark = problems.mark();
    try {
      const file = rows.openFile({ id, name, size, dataStart: header.dataStart });
      const metadata = scanHeader(header.json, LENGTH_BYTES, rows, file, problems, signal);
      this.shares.push(...checkRows(rows, file, problems));
      this.addMetadata(metadata, name);
      this.files.push({ id, name, size, part: 'model' });
    } catch (error) {
      rows.rollBack(rowMark);
      problems.rollBack(problemMark);
      throw error;
    }
  }

  /** Names that occur twice. Called once, when all files are in. */
  checkKeys(): KeyIndex {
    const { rows } = this;
    const index = new KeyIndex(rows);
    for (const { row, first } of index.repeats) {
      const here = rows.fileOf(row);
      const there = rows.fileOf(first);
      const key = keyText(rows, row);
      if (here.id !== there.id) {
        this.addRowProblem(row, inTwoShards(key, there.name, here.name));
        continue;
      }
      this.addRowProblem(row, {
        code: 'duplicate-key',
        severity: 'error',
        message: `The name ${key} occurs twice in ${here.name}.`,
        advice: 'The reference library refuses such a file; others keep one of the two. Rename or remove one.',
      });
    }
    return index;
  }

  finish(version: string | undefined, header: ByteSlice | undefined): ReadResult {
    const table = new TensorTable(this.rows);
    const state: StateDict = {
      format: 'safetensors',
      ...(version === undefined ? {} : { formatVersion: version }),
      dialect: dialectOf(this.metadata, table),
      layout: 'flat',
      entries: table,
      storages: table,
      nodes: new Map(),
      shares: this.shares,
      metadata: this.metadata,
      problems: this.problems.finish(),
      files: this.files,
      ...(header === undefined ? {} : { header }),
    };
    return { state, used: this.files.filter((file) => file.part !== 'missing').map((file) => file.id) };
  }

  addProblem(problem: Problem): void {
    this.problems.add(problem);
  }

  /** A problem of one row, which is marked when it is more than a note. */
  addRowProblem(row: number, problem: Omit<Problem, 'entry' | 'file'>): void {
    if (marksEntry(problem)) this.rows.flags[row]! |= ROW_FLAG.problem;
    this.problems.add({ ...problem, entry: row, file: this.rows.fileOf(row).id });
  }

  /** Shards repeat each other's metadata; what differs is kept with the shard's name. */
  private addMetadata(items: readonly MetaItem[], name: string): void {
    const isFirst = !this.files.some((file) => file.part === 'model');
    const known = new Map(this.metadata.map((item) => [`${item.section}\n${item.key}`, item.value]));
    for (const item of items) {
      if (isFirst) this.metadata.push(item);
      else if (!isEqual(known.get(`${item.section}\n${item.key}`), item.value)) {
        this.metadata.push({ ...item, section: `${item.section} of ${name}` });
      }
    }
  }
}

const isEqual = (a: JsonNode | undefined, b: JsonNode): boolean =>
  a?.kind === 'string' && b.kind === 'string' && a.value === b.value;

/** Who wrote it, as far as the file says. */
function dialectOf(metadata: readonly MetaItem[], table: TensorTable): Dialect {
  const format = metadata.find((item) => item.section === '__metadata__' && item.key === 'format')?.value;
  if (format?.kind === 'string' && format.value === 'pt') return 'torch';
  if (table.length > 0 && table.syntax.id === 'keystr') return 'inox';
  if (table.length > 0 && table.syntax.id === 'tuple') return 'nnx';
  return 'generic';
}
