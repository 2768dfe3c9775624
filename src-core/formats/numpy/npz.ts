/** Arrays by name as `np.savez` writes them: a zip of stored `NAME.npy` members. */
import { crc32 } from '../../bytes/crc32.ts';
import { directoryBytes, encodeDirectory, encodeLocal, localBytes, type NewMember } from '../../bytes/zip-write.ts';
import type { Problem, StateDict } from '../../model/state-dict.ts';
import type { Part, Write } from '../format.ts';
import { type TakenTensor, takeTensors } from '../take-tensors.ts';
import { encodeHeader, headerBytes, NUMPY } from './npy.ts';

/** A zip's names are counted in 16 bits; `.npy` is a part of them. */
const MOST_NAME = 0xffff - 4;

export const write: Write = (state) => {
  const { tensors, losses } = takeTensors(state, {
    ...NUMPY,
    refuse: (value, key) =>
      NUMPY.refuse(value, key) ?? (3 * key.length > MOST_NAME ? 'its name is too long' : undefined),
  });
  const members = placeMembers(tensors);
  const last = members.at(-1) as NewMember;
  const start = last.local + localBytes(last) + last.size;
  return {
    size: start + directoryBytes(members, start),
    parts: () => writeMembers(tensors, start),
    losses: [...losses, ...loseMetadata(state)],
  };
};

interface Placed extends NewMember {
  crc: number;
}

function placeMembers(tensors: readonly TakenTensor[]): Placed[] {
  const encoder = new TextEncoder();
  let local = 0;
  return tensors.map(({ key, value, bytes }) => {
    const member = { name: encoder.encode(`${key}.npy`), size: headerBytes(value) + bytes, crc: 0, local };
    local += localBytes(member) + member.size;
    return member;
  });
}

function* writeMembers(tensors: readonly TakenTensor[], start: number): Generator<Part> {
  const members = placeMembers(tensors);
  for (const [i, { value, bytes }] of tensors.entries()) {
    const member = members[i] as Placed;
    const header = encodeHeader(value);
    member.crc = crc32(header);
    const see = (more: Uint8Array) => {
      member.crc = crc32(more, member.crc);
    };
    // The check sum stands before what it is of.
    yield { kind: 'late', length: localBytes(member), make: () => encodeLocal(member) };
    yield { kind: 'bytes', bytes: header };
    yield { kind: 'elements', value, length: bytes, see };
  }
  yield { kind: 'late', length: directoryBytes(members, start), make: () => encodeDirectory(members, start) };
}

const loseMetadata = ({ metadata }: StateDict): readonly Problem[] =>
  metadata.length === 0
    ? []
    : [{ code: 'metadata-lost', severity: 'note', message: 'The metadata is left out: NumPy has no place for it.' }];
