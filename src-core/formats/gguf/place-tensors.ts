import type { Problem } from '../../model/state-dict.ts';
import { blockOf, countElements, type DType, dtypeLabel, packedBytes } from '../../tensor/dtype.ts';
import { alignUp, type Header, type TensorInfo } from './read-header.ts';
import { dtypeOfId, isClaimedTwice, removedName } from './tensor-types.ts';

export type TensorProblem = Pick<Problem, 'code' | 'severity' | 'message' | 'advice'>;

/** What is known of a tensor and its bytes. */
export interface PlacedTensor {
  readonly dtype: DType;
  /** Slowest first; undefined where it is no shape. */
  readonly shape: readonly number[] | undefined;
  /** Of its first byte in the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** Why its bytes are not here, as a sentence part. */
  readonly absent?: string;
  readonly problems: readonly TensorProblem[];
}

/** ggml keeps names in 64 bytes, a zero at the end included. */
const NAME_BYTES = 63;

/**
 * Where the bytes of each tensor are. A type tells how many they are, and so do the offsets: the next tensor begins at the next multiple of
 * the alignment. Where they disagree about a type that forks of llama.cpp use otherwise, the type is not believed.
 */
export function placeTensors(header: Header, size: number): readonly PlacedTensor[] {
  const rooms = findRooms(header, size);
  const alignment = header.alignment ?? 1;
  return header.tensors.map((tensor, i) => {
    const problems: TensorProblem[] = [];
    const say = (code: string, severity: Problem['severity'], message: string, advice?: string): void => {
      problems.push({ code, severity, message, ...(advice && { advice }) });
    };
    const name = JSON.stringify(tensor.name);
    const room = rooms[i]!;
    const offset = header.dataStart + tensor.offset;
    checkName(tensor, say);
    if (!Number.isSafeInteger(offset)) {
      say('bad-offset', 'error', `${name} should begin past what any file holds.`);
      const { dtype, shape } = typeOf(tensor, Number.NaN, say);
      return { dtype, shape, offset: 0, length: 0, absent: 'its place is past the end of any file', problems };
    }
    if (tensor.offset % alignment !== 0)
      say(
        'unaligned',
        'warning',
        `${name} begins at byte ${tensor.offset} of the data, which is no multiple of the alignment, ${alignment}.`,
      );
    const { dtype, shape, bytes } = typeOf(tensor, room.isLast ? Number.NaN : room.bytes, say, alignment);
    const length = bytes ?? Math.max(0, Math.min(room.bytes, size - offset));
    if (offset + length > size) {
      const missing = offset + length - size;
      say('truncated', 'error', `${name} ends ${missing} bytes after the end of the file.`);
      return { dtype, shape, offset, length, absent: 'the file ends before it', problems };
    }
    if (bytes !== undefined && bytes > room.bytes)
      say(
        'overlap',
        'error',
        `${name} and ${JSON.stringify(header.tensors[room.next]?.name)} share ${bytes - room.bytes} bytes.`,
      );
    return { dtype, shape, offset, length, problems };
  });
}

type Say = (code: string, severity: Problem['severity'], message: string, advice?: string) => void;

/** Bytes from the start of a tensor to the next one, and which that is; of the last one to the end of the file. */
interface Room {
  readonly bytes: number;
  readonly next: number;
  readonly isLast: boolean;
}

function findRooms({ tensors, dataStart }: Header, size: number): readonly Room[] {
  const order = tensors.map((_, i) => i).sort((a, b) => tensors[a]!.offset - tensors[b]!.offset || a - b);
  const rooms: Room[] = new Array(tensors.length);
  for (const [position, i] of order.entries()) {
    const next = order[position + 1];
    const end = next === undefined ? size - dataStart : tensors[next]!.offset;
    rooms[i] = { bytes: Math.max(0, end - tensors[i]!.offset), next: next ?? -1, isLast: next === undefined };
  }
  return rooms;
}

function checkName({ name, nameBytes }: TensorInfo, say: Say): void {
  if (nameBytes > NAME_BYTES)
    say(
      'long-name',
      'warning',
      `The name ${JSON.stringify(name)} has ${nameBytes} bytes.`,
      `llama.cpp refuses names of more than ${NAME_BYTES} bytes.`,
    );
}

interface Typed {
  readonly dtype: DType;
  readonly shape: readonly number[] | undefined;
  /** Undefined where only the offsets tell. */
  readonly bytes?: number;
}

/** @param room bytes up to the next tensor; NaN for the last. */
function typeOf({ name, dims, type }: TensorInfo, room: number, say: Say, alignment = 1): Typed {
  const key = JSON.stringify(name);
  const shape = dims.toReversed();
  const elements = countElements(shape);
  const dtype = dtypeOfId(type);
  if (!Number.isFinite(elements) || !dims.every(Number.isFinite)) {
    say('bad-shape', 'error', `${key} has more elements than any file holds.`);
    return { dtype: dtype ?? unknownType(type), shape: undefined };
  }
  if (!dtype) {
    const removed = removedName(type);
    if (removed)
      say(
        'removed-type',
        'warning',
        `${key} is of the type ${removed}, which ggml has removed.`,
        'No current program decodes it: convert the model again from its source.',
      );
    else say('unknown-type', 'warning', `${key} is of a type that ggml does not have, ${type}.`, FORKS);
    return { dtype: removed ? `other:${removed}` : unknownType(type), shape };
  }
  const block = blockOf(dtype);
  if (block && (dims[0] ?? 1) % block.elements !== 0) {
    say(
      'broken-block',
      'error',
      `Rows of ${key} have ${dims[0] ?? 1} elements; ${dtypeLabel(dtype)} has blocks of ${block.elements}.`,
    );
    return { dtype: `other:${dtypeLabel(dtype)}`, shape };
  }
  const bytes = packedBytes(dtype, elements);
  if (bytes === undefined || !Number.isSafeInteger(bytes)) {
    say('bad-shape', 'error', `${key} has more bytes than any file holds.`);
    return { dtype, shape: undefined };
  }
  if (isClaimedTwice(type) && !Number.isNaN(room) && alignUp(bytes, alignment) !== room) {
    say(
      'fork-type',
      'warning',
      `${key} is of type ${type}, which is ${dtypeLabel(dtype)} in ggml; that would take ${bytes} bytes, and there are ${room}.`,
      FORKS,
    );
    return { dtype: unknownType(type), shape };
  }
  return { dtype, shape, bytes };
}

const unknownType = (type: number): DType => `other:type ${type}`;
const FORKS = 'A fork of llama.cpp has written it: its own tools read it.';
