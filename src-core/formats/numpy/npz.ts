/** Arrays by name as `np.savez` writes them: a zip of stored `NAME.npy` members. */
import { crc32 } from '../../bytes/crc32.ts';
import { encodeDirectory, encodeLocal, localBytes, directoryBytes, type NewMember } from '../../bytes/zip-write.ts';
import type { Problem, StateDict } from '../../model/state-dict.ts';
import type { Part, Write } from '../format.ts';
import { takeTensors } from '../take-tensors.ts';
import { encodeHeader, NUMPY } from './npy.ts';

/** A zip's names are counted in 16 bits; `.npy` is a part of them. */
const MOST_NAME = 0xffff - 4;

export const write: Write = (state) => {
  const { tensors, losses } = takeTensors(state, {
    ...NUMPY,
    refuse: (value, key) =>
      NUMPY.refuse(value, key) ?? (3 * key.length > MOST_NAME ? 'its name is too long' : undefined),
  });
  const members: NewMember[] = [];
  const parts: Part[] = [];
  let at = 0;
  for (const { key, value, bytes } of tensors) {
    const header = encodeHeader(value);
    const name = new TextEncoder().encode(`${key}.npy`);
    const member = { name, size: header.length + bytes, crc: crc32(header), local: at };
    members.push(member);
    const length = localBytes(member);
    parts.push(
      { kind: 'late', length, make: () => encodeLocal(member) },
      { kind: 'bytes', bytes: header },
      {
        kind: 'elements',
        value,
        length: bytes,
        see: (more) => {
          member.crc = crc32(more, member.crc);
        },
      },
    );
    at += length + member.size;
  }
  const start = at;
  const length = directoryBytes(members, start);
  parts.push({ kind: 'late', length, make: () => encodeDirectory(members, start) });
  return { size: start + length, parts, losses: [...losses, ...loseMetadata(state)] };
};

const loseMetadata = ({ metadata }: StateDict): readonly Problem[] =>
  metadata.length === 0
    ? []
    : [{ code: 'metadata-lost', severity: 'note', message: 'The metadata is left out: NumPy has no place for it.' }];
