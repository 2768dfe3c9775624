/**
 * torch's zip archive: `data.pkl`, `byteorder`, `version` and one member per storage under one root folder, whatever its
 * name. `constants.pkl` makes it TorchScript: its code is read for what is a parameter and what a buffer, and not otherwise.
 * See `torch/serialization.py` (`_save`, `_load`) and `caffe2/serialize/inline_container.cc`.
 */
import { malformed, StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { openZip, type Zip, type ZipMember } from '../../bytes/zip.ts';
import { PickleReader } from '../../model/pickle/read-pickles.ts';
import type { ByteSlice, MetaItem, Problem, StorageData } from '../../model/state-dict.ts';
import type { ReadContext } from '../format.ts';
import { flatten } from './flatten.ts';
import type { FilePart } from './state-dict.ts';
import { StorageTable } from './storages.ts';
import { readScriptRoles } from './torchscript.ts';

export const DATA = 'data.pkl';
const decoder = new TextDecoder();

/** @throws what the zip and pickle readers throw; `limit` for a data.pkl of hundreds of megabytes. */
export async function readArchive(context: ReadContext): Promise<FilePart | { decline: string }> {
  const { source, signal } = context;
  const zip = await openZip(source, signal);
  const data = findData(zip);
  if (!data) return { decline: 'a zip without data.pkl is no PyTorch file' };
  const root = data.name.slice(0, -DATA.length);
  const isScript = zip.find(`${root}constants.pkl`) !== undefined;
  const pickles = new PickleReader();

  checkPickleSize(source.name, data);
  const bytes = await zip.read(data, { signal });
  const [start] = (await zip.locate([data], { signal })) as [number];
  const isStored = data.method === 0;
  const result = pickles.read(bytes, { file: source.name, base: isStored ? start : 0 });
  const byteorder = await readText(zip, `${root}byteorder`, signal);
  const version = await readText(zip, `${root}version`, signal);
  const alignment = await readText(zip, `${root}.storage_alignment`, signal);

  const members = storageMembers(zip, root, isScript);
  const table = tableOf(members);
  const roleOf = isScript ? await readScriptRoles(zip, root, result.globals, signal) : undefined;
  const place = (at: number, length: number): StorageData | undefined =>
    isStored && length > 0 ? { kind: 'slices', slices: [{ file: context.id, offset: start + at, length }] } : undefined;
  const flat = flatten(result.root, { file: source.name, table, place, ...(roleOf ? { roleOf } : {}) });
  if (isScript) await readConstants(zip, root, source.name, pickles, signal);

  const used = table.refs.flatMap(({ key }) => {
    const member = members.get(key);
    return member && isReadable(member) ? [member] : [];
  });
  const starts = (await zip.locate(used, { signal, ...readAlignment(alignment) })).values();
  const endian = byteorder === 'big' ? 'big' : 'little';
  const storages = table.finish(({ key }) => placeStorage(context.id, key, members.get(key), starts), endian);
  const header: ByteSlice = {
    file: context.id,
    offset: start,
    length: data.packed,
    ...(isStored ? {} : { codec: 'deflate', inflated: data.size }),
  };
  return {
    file: context.id,
    source,
    formatVersion: `${isScript ? 'TorchScript' : 'zip'}${version ? ` ${version}` : ''}, protocol ${result.protocol}`,
    flat,
    storages,
    metadata: archiveMetadata({ byteorder, version }),
    problems: [...pickles.problems(), ...zip.problems.map(toProblem), ...table.problems],
    pickle: pickles.report(isScript ? 'a TorchScript archive is for torch.jit.load' : undefined),
    header,
  };
}

/** The one nearest the root: an archive may carry another archive's folder inside. */
export function findData(zip: Zip): ZipMember | undefined {
  const isData = ({ name }: { name?: string }) => name === DATA || name?.endsWith(`/${DATA}`) === true;
  const lost = zip.problems.find(({ code, member }) => code === 'outside' && isData({ name: member ?? '' }));
  if (lost) throw malformed(zip.source.name, 'zip', 'data.pkl is said to lie outside the file', lost.at);
  const depth = ({ name }: ZipMember) => name.split('/').length;
  return zip.members.filter(isData).sort((a, b) => depth(a) - depth(b))[0];
}

export const isReadable = (member: ZipMember): boolean =>
  !member.encrypted && (member.method === 8 || (member.method === 0 && member.packed === member.size));

/**
 * Members that hold storages, by the key a pickle calls them. TorchScript keeps constants apart; files of torch 1.4 keep all
 * tensors in `tensors`.
 */
export function storageMembers(zip: Zip, root: string, isScript: boolean): Map<string, ZipMember> {
  const found = new Map<string, ZipMember>();
  for (const folder of isScript ? ['data/', 'tensors/', 'constants/'] : ['data/']) {
    const prefix = root + folder;
    for (const member of zip.members) {
      if (!member.name.startsWith(prefix)) continue;
      const key = member.name.slice(prefix.length);
      if (!found.has(key)) found.set(key, member);
    }
  }
  return found;
}

/** What a pickle may speak of; nothing yet. */
export const tableOf = (members: ReadonlyMap<string, ZipMember>): StorageTable =>
  new StorageTable((key) => {
    const member = members.get(key);
    return member && isReadable(member) ? member.size : undefined;
  });

/** `starts` gives the places of readable members, in the order of the storages. */
function placeStorage(file: string, key: string, member: ZipMember | undefined, starts: Iterator<number>): StorageData {
  if (!member) return { kind: 'absent', why: `the archive has no member data/${key}` };
  if (!isReadable(member)) {
    const why = member.encrypted ? 'encrypted' : `packed with method ${member.method}`;
    return { kind: 'absent', why: `member data/${key} is ${why}` };
  }
  const slice = { file, offset: starts.next().value as number, length: member.packed };
  if (member.method === 0) return { kind: 'slices', slices: member.size > 0 ? [slice] : [] };
  return { kind: 'slices', slices: [{ ...slice, codec: 'deflate', inflated: member.size }] };
}

function checkPickleSize(file: string, { size }: ZipMember): void {
  if (size <= LIMITS.pickleBytes) return;
  const detail = 'data.pkl is too large to be a description of tensors';
  throw new StateglassError({
    kind: 'limit',
    file,
    limit: 'pickleBytes',
    value: size,
    max: LIMITS.pickleBytes,
    detail,
  });
}

export async function readText(zip: Zip, name: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const member = zip.find(name);
  if (!member || member.size > 64 || !isReadable(member)) return undefined;
  return decoder.decode(await zip.read(member, { signal })).trim();
}

/** Constants are no entries; what their pickle would import belongs in the report. */
async function readConstants(
  zip: Zip,
  root: string,
  file: string,
  pickles: PickleReader,
  signal: AbortSignal | undefined,
): Promise<void> {
  const member = zip.find(`${root}constants.pkl`);
  if (!member || member.size > LIMITS.pickleBytes) return;
  pickles.read(await zip.read(member, { signal }), { file, base: member.local });
}

export function readAlignment(text: string | undefined): { alignment?: number } {
  const alignment = Number(text);
  return Number.isSafeInteger(alignment) && alignment > 0 && alignment <= 2 ** 30 ? { alignment } : {};
}

const archiveMetadata = (texts: Record<string, string | undefined>): MetaItem[] =>
  Object.entries(texts).flatMap(([key, value]): MetaItem[] =>
    value === undefined ? [] : [{ section: 'archive', key, value: { kind: 'string', value } }],
  );

const toProblem = ({ code, severity, message, at }: Zip['problems'][number]): Problem => ({
  code,
  severity,
  message,
  at,
});
