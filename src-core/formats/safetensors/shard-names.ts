import type { FileId } from '../../bytes/source.ts';

const SHARD = /^(.*)-(\d{1,9})-of-(\d{1,9})\.safetensors$/i;
/** `model.safetensors.index.json`, and transformers' `model.safetensors.index.fp16.json` for a variant. */
const INDEX = /^(.*)\.safetensors\.index(?:\.([^./]+))?\.json$/i;

/** `model-00002-of-00004.safetensors`: shard 2 of 4 of `model`. */
export interface ShardName {
  readonly stem: string;
  readonly number: number;
  readonly total: number;
}

export function parseShardName(name: string): ShardName | undefined {
  const match = SHARD.exec(name);
  return match ? { stem: match[1]!, number: Number(match[2]), total: Number(match[3]) } : undefined;
}

/** The name of another shard of the same model, written with as many digits. */
export function shardNamed(like: string, number: number): string {
  return like.replace(SHARD, (_, stem: string, digits: string, total: string) => {
    return `${stem}-${String(number).padStart(digits.length, '0')}-of-${total}.safetensors`;
  });
}

export const isIndexName = (name: string): boolean => INDEX.test(name);

/** The file a weight_map names, beside its index; undefined for a name that leads out of the folder. */
export function resolveShard(indexId: FileId, name: string): FileId | undefined {
  if (name === '' || name.startsWith('/') || /[\\\0]/.test(name) || /^[a-z][a-z0-9+.-]*:/i.test(name)) return undefined;
  const segments = name.split('/').filter((segment) => segment !== '.');
  if (segments.length === 0 || segments.some((segment) => segment === '' || segment === '..')) return undefined;
  return folderOf(indexId) + segments.join('/');
}

/** An index with the shards it may mean, and numbered shards without an index. */
export function gatherShards(names: readonly FileId[]): readonly (readonly FileId[])[] {
  const sets: FileId[][] = [];
  const taken = new Set<FileId>();
  for (const id of names) {
    if (!isIndexName(id)) continue;
    const shards = names.filter((other) => mayBelong(other, id));
    const beside = names.filter((other) => folderOf(other) === folderOf(id) && /\.safetensors$/i.test(other));
    const set = sortNames(shards.length > 0 ? shards : beside).filter((other) => !taken.has(other));
    for (const other of set) taken.add(other);
    sets.push([id, ...set]);
  }
  const groups = new Map<string, FileId[]>();
  for (const id of names) {
    const shard = taken.has(id) ? undefined : parseShardName(id);
    if (!shard) continue;
    const key = `${shard.total} ${shard.stem}`;
    groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  for (const group of groups.values()) if (group.length > 1) sets.push([...sortNames(group)]);
  return sets;
}

/** Shard order: 2 before 10, however many digits. */
export function sortNames(names: readonly string[]): readonly string[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return [...names].sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
}

function mayBelong(id: FileId, indexId: FileId): boolean {
  const [, stem, variant] = INDEX.exec(indexId) ?? [];
  return parseShardName(id)?.stem === (variant === undefined ? stem : `${stem}.${variant}`);
}

const folderOf = (id: FileId): string => id.slice(0, id.lastIndexOf('/') + 1);
