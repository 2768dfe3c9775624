import type { FileId } from '../../bytes/source.ts';
import { listEntries } from '../../model/entries.ts';
import { guessRole } from '../../model/guess-role.ts';
import { dotted } from '../../model/keys/dotted.ts';
import { ProblemList } from '../../model/problem-list.ts';
import { inTwoShards } from '../../model/shards/shard-problems.ts';
import type { Entry, FileInfo, JsonNode, MetaItem, Problem, StateDict, Storage } from '../../model/state-dict.ts';
import { listStorages } from '../../model/storages.ts';
import { undeclaredTensor } from '../../model/value.ts';
import { dtypeLabel } from '../../tensor/dtype.ts';
import type { ReadResult } from '../format.ts';
import { type PlacedTensor, placeTensors } from './place-tensors.ts';
import { alignUp, type Header, type TensorInfo } from './read-header.ts';
import { type Encoding, METADATA } from './value-types.ts';

/** A document while its files are added, in their order. Each tensor has a storage of its own, whose id is its row. */
export class Assembly {
  readonly files: FileInfo[] = [];
  readonly metadata: MetaItem[] = [];
  private readonly entries: Entry[] = [];
  private readonly storages: Storage[] = [];
  private readonly problems = new ProblemList();
  private readonly rowOf = new Map<string, number>();
  private encoding: Encoding | undefined;

  addFile(id: FileId, name: string, size: number, header: Header): void {
    this.files.push({ id, name, size, part: 'model' });
    this.encoding ??= header.encoding;
    this.addMetadata(header.items, id, name);
    this.checkAlignment(header, id);
    const placed = placeTensors(header, size);
    for (const [i, tensor] of header.tensors.entries()) this.addTensor(tensor, placed[i]!, header, id, name);
    this.checkHoles(header, placed, id, name, size);
  }

  addProblem(problem: Problem): void {
    this.problems.add(problem);
  }

  /** Tensors so far. */
  get count(): number {
    return this.entries.length;
  }

  finish(shards: string | undefined): ReadResult {
    const problems = this.problems.finish();
    const storages = listStorages(this.storages);
    const { version, endian } = this.encoding ?? { version: 3, endian: 'little' };
    const words = [`version ${version}`, ...(endian === 'big' ? ['big-endian'] : []), ...(shards ? [shards] : [])];
    const state: StateDict = {
      format: 'gguf',
      formatVersion: words.join(', '),
      dialect: 'generic',
      layout: 'flat',
      entries: listEntries(this.entries, { storages, problems }),
      storages,
      nodes: new Map(),
      shares: [],
      metadata: this.metadata,
      problems,
      files: this.files,
    };
    return { state, used: this.files.filter(({ part }) => part !== 'missing').map(({ id }) => id) };
  }

  private addTensor(tensor: TensorInfo, placed: PlacedTensor, header: Header, file: FileId, fileName: string): void {
    const id = this.entries.length;
    const { dtype, shape, offset, length, absent } = placed;
    const key = tensor.name;
    const path = dotted.parse(key);
    this.entries.push({
      id,
      path,
      key,
      value: shape ? { type: 'tensor', dtype, shape, offset: 0, storage: id } : undeclaredTensor(id),
      role: { role: guessRole(String(path.parts.at(-1) ?? '')) },
      roleSource: 'heuristic',
      meta: [
        declared('dimensions as stored', `${tensor.dims.join(' × ') || 'none'}, fastest first`),
        declared('type in the file', `${tensor.type} (${dtypeLabel(dtype)})`),
      ],
    });
    this.storages.push({
      id,
      byteLength: length,
      endian: header.encoding.endian,
      data:
        absent === undefined ? { kind: 'slices', slices: [{ file, offset, length }] } : { kind: 'absent', why: absent },
    });
    for (const problem of placed.problems) this.problems.add({ ...problem, entry: id, file, at: tensor.place.start });
    this.checkName(key, id, file, fileName);
  }

  private checkName(key: string, row: number, file: FileId, name: string): void {
    const first = this.rowOf.get(key);
    if (first === undefined) {
      this.rowOf.set(key, row);
      return;
    }
    const data = this.storages[first]!.data;
    const other = data.kind === 'slices' ? data.slices[0]?.file : undefined;
    const inOther = other !== undefined && other !== file;
    const firstName = this.files.find(({ id }) => id === other)?.name ?? name;
    const said: Omit<Problem, 'entry' | 'file'> = inOther
      ? inTwoShards(JSON.stringify(key), firstName, name)
      : {
          code: 'duplicate-key',
          severity: 'error',
          message: `The name ${JSON.stringify(key)} occurs twice in ${name}.`,
          advice: 'llama.cpp refuses such a file. Rename or remove one.',
        };
    this.problems.add({ ...said, entry: row, file });
  }

  /** Files of a split model repeat some of what the first one says; what differs is kept with the file's name. */
  private addMetadata(items: readonly MetaItem[], file: FileId, name: string): void {
    const seen = new Set<string>();
    const isFirst = this.metadata.length === 0;
    const known = new Map(this.metadata.map((item) => [item.key, item]));
    for (const item of items) {
      if (seen.has(item.key)) {
        this.problems.add({
          code: 'duplicate-metadata',
          severity: 'error',
          message: `The metadata of ${name} have the key ${JSON.stringify(item.key)} twice.`,
          advice: 'llama.cpp refuses such a file. Delete one of them.',
          file,
        });
      }
      seen.add(item.key);
      if (isFirst) this.metadata.push(item);
      else if (!isEqual(known.get(item.key), item)) this.metadata.push({ ...item, section: `${METADATA} of ${name}` });
    }
  }

  private checkAlignment({ alignment }: Header, file: FileId): void {
    if (alignment === undefined) {
      this.problems.add({
        code: 'bad-alignment',
        severity: 'error',
        message: 'general.alignment is no positive 32-bit integer; the data are taken to begin at a multiple of 32.',
        advice: 'llama.cpp refuses such a file.',
        file,
      });
    } else if (!isPowerOfTwo(alignment)) {
      this.problems.add({
        code: 'bad-alignment',
        severity: 'warning',
        message: `general.alignment is ${alignment}, which is no power of two.`,
        advice: 'llama.cpp refuses such a file.',
        file,
      });
    }
  }

  /** Bytes between tensors, and after them, that belong to none. Padding up to the alignment is nobody's by design. */
  private checkHoles(header: Header, placed: readonly PlacedTensor[], file: FileId, name: string, size: number): void {
    const alignment = header.alignment ?? 1;
    const sorted = placed.filter(({ absent }) => absent === undefined).toSorted((a, b) => a.offset - b.offset);
    let at = header.dataStart;
    for (const { offset, length } of sorted) {
      if (offset > at) this.addHole(at, offset - at, file, name);
      at = Math.max(at, header.dataStart + alignUp(offset + length - header.dataStart, alignment));
    }
    const isWhole = sorted.length === placed.length;
    if (isWhole && size > at) this.addHole(at, size - at, file, name);
    if (isInOrder(placed)) return;
    this.problems.add({
      code: 'order',
      severity: 'note',
      message: `The data of ${name} stand in another order than its header lists the tensors.`,
      advice: 'llama.cpp refuses such a file.',
      file,
    });
  }

  private addHole(at: number, bytes: number, file: FileId, name: string): void {
    this.problems.add({
      code: 'hole',
      severity: 'warning',
      message: `${bytes} bytes of ${name} from byte ${at} on belong to no tensor.`,
      file,
      at,
    });
  }
}

const isPowerOfTwo = (n: number): boolean => n > 0 && 2 ** Math.round(Math.log2(n)) === n;
const isInOrder = (placed: readonly PlacedTensor[]): boolean =>
  placed.every(({ offset, absent }, i) => absent !== undefined || i === 0 || offset >= placed[i - 1]!.offset);

const isEqual = (a: MetaItem | undefined, b: MetaItem): boolean =>
  a !== undefined && a.type === b.type && JSON.stringify(a.value) === JSON.stringify(b.value);

function declared(key: string, text: string): MetaItem {
  const value: JsonNode = { kind: 'string', value: text };
  return { section: 'gguf', key, value };
}
