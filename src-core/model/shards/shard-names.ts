import { latin1 } from '../../bytes/latin1.ts';
import type { FileId } from '../../bytes/source.ts';

/** `model-00002-of-00004.safetensors`: shard 2 of 4 of `model`. */
export interface ShardName {
  readonly stem: string;
  readonly number: number;
  readonly total: number;
}

/** How the shards of one format and their indexes are named; transformers, diffusers and accelerate all follow it. */
export interface ShardNaming {
  parse(name: string): ShardName | undefined;
  /** The name of another shard of the same model, written with as many digits. */
  named(like: string, number: number): string;
  isIndex(name: string): boolean;
  /** Whether a file whose first bytes are these is an index, whatever its name: `weight_map` makes one, its files say whose. */
  looksLikeIndex(head: Uint8Array, name: string): boolean;
  /** An index with the shards it may mean, and numbered shards without an index. */
  gather(names: readonly FileId[]): readonly (readonly FileId[])[];
}

/** `extension` is that of the shards, without the dot. */
export function shardNaming(extension: 'safetensors' | 'bin' | 'msgpack' | 'gguf'): ShardNaming {
  const shardPattern = new RegExp(`^(.*)-(\\d{1,9})-of-(\\d{1,9})\\.${extension}$`, 'i');
  // `model.safetensors.index.json`, and transformers' `model.safetensors.index.fp16.json` for a variant.
  const indexPattern = new RegExp(`^(.*)\\.${extension}\\.index(?:\\.([^./]+))?\\.json$`, 'i');
  const isShardFile = (name: string): boolean => name.toLowerCase().endsWith(`.${extension}`);
  const firstNamed = new RegExp(
    `"weight_map"\\s*:\\s*\\{\\s*"(?:[^"\\\\]|\\\\.)*"\\s*:\\s*"[^"]*\\.${extension}"`,
    'i',
  );

  const parse = (name: string): ShardName | undefined => {
    const match = shardPattern.exec(name);
    return match ? { stem: match[1]!, number: Number(match[2]), total: Number(match[3]) } : undefined;
  };

  const mayBelong = (id: FileId, indexId: FileId): boolean => {
    const [, stem, variant] = indexPattern.exec(indexId) ?? [];
    return parse(id)?.stem === (variant === undefined ? stem : `${stem}.${variant}`);
  };

  const isIndex = (name: string): boolean => indexPattern.test(name);

  return {
    parse,
    isIndex,
    named: (like, number) =>
      like.replace(shardPattern, (_, stem: string, digits: string, total: string) => {
        const end = like.slice(like.lastIndexOf('.'));
        return `${stem}-${String(number).padStart(digits.length, '0')}-of-${total}${end}`;
      }),
    looksLikeIndex(head, name) {
      const text = latin1(head);
      return /^(\xef\xbb\xbf)?\s*\{/.test(text) && (isIndex(name) || firstNamed.test(text));
    },
    gather(names) {
      const sets: FileId[][] = [];
      const taken = new Set<FileId>();
      for (const id of names) {
        if (!isIndex(id)) continue;
        const shards = names.filter((other) => mayBelong(other, id));
        const beside = names.filter((other) => folderOf(other) === folderOf(id) && isShardFile(other));
        const set = sortNames(shards.length > 0 ? shards : beside).filter((other) => !taken.has(other));
        for (const other of set) taken.add(other);
        sets.push([id, ...set]);
      }
      const groups = new Map<string, FileId[]>();
      for (const id of names) {
        const shard = taken.has(id) ? undefined : parse(id);
        if (!shard) continue;
        const key = `${shard.total} ${shard.stem}`;
        const group = groups.get(key);
        if (group) group.push(id);
        else groups.set(key, [id]);
      }
      for (const group of groups.values()) if (group.length > 1) sets.push([...sortNames(group)]);
      return sets;
    },
  };
}

/** The file a weight_map names, beside its index; undefined for a name that leads out of the folder. */
export function resolveShard(indexId: FileId, name: string): FileId | undefined {
  if (name === '' || name.startsWith('/') || /[\\\0]/.test(name) || /^[a-z][a-z0-9+.-]*:/i.test(name)) return undefined;
  const segments = name.split('/').filter((segment) => segment !== '.');
  if (segments.length === 0 || segments.some((segment) => segment === '' || segment === '..')) return undefined;
  return folderOf(indexId) + segments.join('/');
}

/** Shard order: 2 before 10, however many digits. */
export function sortNames(names: readonly string[]): readonly string[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return [...names].sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
}

const folderOf = (id: FileId): string => id.slice(0, id.lastIndexOf('/') + 1);
