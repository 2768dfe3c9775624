/** Archives that are no model of a format themselves: zip (DDUF too), tar and tar.gz open as the folder that was packed. */
import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { bufferSource } from '../bytes/buffer.ts';
import { gunzip, isGzip } from '../bytes/gunzip.ts';
import type { ByteSource, FileId } from '../bytes/source.ts';
import { isTar, listTar } from '../bytes/tar.ts';
import { windowSource } from '../bytes/window.ts';
import { openZip, type ZipMember } from '../bytes/zip.ts';
import type { OpenFile } from './document.ts';

const HEAD_BYTES = 512;
/** What systems leave in archives. */
const CHAFF = /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|\._)/;

/**
 * The files in an archive, under its own name as their folder; undefined for what is no archive. Stored ones are windows on it, packed ones
 * are unpacked into memory.
 *
 * @throws what the readers of archives throw.
 */
export async function openArchive(
  { id, source }: OpenFile,
  signal?: AbortSignal,
): Promise<readonly OpenFile[] | undefined> {
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size), signal);
  if (head[0] === 0x50 && head[1] === 0x4b) return unpackZip(id, source, signal);
  if (isTar(head)) return unpackTar(id, source, signal);
  if (!isGzip(head)) return undefined;
  const name = source.name.replace(/\.gz$/i, '').replace(/\.tgz$/i, '.tar');
  const bytes = await gunzip(source, signal);
  const whole = bufferSource(bytes, name);
  return isTar(bytes) ? unpackTar(id, whole, signal) : [{ id: `${id}/${name}`, source: whole }];
}

async function unpackTar(id: FileId, source: ByteSource, signal?: AbortSignal): Promise<readonly OpenFile[]> {
  const files = (await listTar(source, signal)).filter(({ name }) => isWanted(name));
  return files.map(({ name, offset, length }) => place(id, name, windowSource(source, offset, length, lastOf(name))));
}

async function unpackZip(id: FileId, source: ByteSource, signal?: AbortSignal): Promise<readonly OpenFile[]> {
  const zip = await openZip(source, signal);
  const members = zip.members.filter((member) => isWanted(member.name) && isReadable(member));
  if (members.length > LIMITS.archiveFiles) throw overLimit(source.name, 'archiveFiles', members.length, 'files in it');
  const packed = members.reduce((sum, { method, size }) => sum + (method === 8 ? size : 0), 0);
  if (packed > LIMITS.unpackedBytes)
    throw overLimit(source.name, 'unpackedBytes', packed, 'bytes of packed files, which have to be held in memory');
  const starts = await zip.locate(members, { signal });
  const files: OpenFile[] = [];
  for (const [i, member] of members.entries()) {
    const name = lastOf(member.name);
    const inner =
      member.method === 0
        ? windowSource(source, starts[i] as number, member.size, name)
        : bufferSource(await zip.read(member, { signal }), name);
    files.push(place(id, member.name, inner));
  }
  return files;
}

const isReadable = ({ encrypted, method, packed, size }: ZipMember): boolean =>
  !encrypted && (method === 8 || (method === 0 && packed === size));

/** Names that would leave the folder are passed over; so is what is no file. */
const isWanted = (name: string): boolean =>
  !name.endsWith('/') && !CHAFF.test(name) && !/(?:^|\/)\.\.(?:\/|$)|^\/|\\|\0/.test(name);

const place = (id: FileId, name: string, source: ByteSource): OpenFile => ({ id: `${id}/${name}`, source });
const lastOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

const overLimit = (file: string, limit: 'archiveFiles' | 'unpackedBytes', value: number, what: string) =>
  new StateglassError({ kind: 'limit', file, limit, value, max: LIMITS[limit], detail: `${value} ${what}` });
