import type { HubFile } from '../bytes/hub.ts';
import type { FileId } from '../bytes/source.ts';
import { FORMATS } from '../formats/registry.ts';

/** Files of a repo that make one model: a single file, or an index and its shards. */
export interface RepoSet {
  /** The file to read first is in front. */
  readonly files: readonly HubFile[];
  /** Of all its files. */
  readonly bytes: number;
  /** Label of the format its name speaks of. */
  readonly format: string;
  /** What to open unless a person chooses. */
  readonly suggested: boolean;
}

export interface RepoContents {
  /** Suggested ones first, then in the order of their names. */
  readonly sets: readonly RepoSet[];
  /** Small texts that say what a model is (`config.json`, templates): opened with a model of the same folder. */
  readonly companions: readonly HubFile[];
  /** Files that are none of these: pictures, scripts, formats that are not read. */
  readonly others: number;
}

/** Readable as text, but no weights; looked at only where there are no weights. */
const TEXTS = new Set(['json', 'toml', 'yaml', 'text']);
const COMPANION = /\.(?:json|jinja)$/i;
/** A tokenizer may be longer: only its beginning is read. */
const COMPANION_BYTES = 2 ** 20;
const MOST_COMPANIONS = 16;
/** State of a training run: readable, rarely what is looked for. */
const TRAINING = /^(?:training_args|optimizer|scheduler|scaler|rng_state|random_states)/i;
/** Models in folders of a pipeline (`unet`, `vae`, `text_encoder`); more folders than these are checkpoints of a run. */
const MOST_FOLDERS = 8;

/**
 * Sorts the files of a repo into models that can be opened, and suggests: the ones a path names; otherwise those at the top, or one
 * for each folder of a pipeline. Where the same is there several times, safetensors go before others, and short names
 * before variants (`model.safetensors` before `model.fp16.safetensors`).
 */
export function arrangeRepo(files: readonly HubFile[], path?: string): RepoContents {
  const weights = gatherSets(files, (id) => !TEXTS.has(id));
  const taken = new Set(weights.flatMap((set) => set.files));
  const companions = files
    .filter((file) => !taken.has(file) && COMPANION.test(file.path))
    .filter((file) => file.size <= COMPANION_BYTES || nameOf(file.path) === 'tokenizer.json');
  const texts = weights.length > 0 ? [] : gatherSets(files, (id) => TEXTS.has(id));
  const sets = weights.length > 0 ? weights : texts;
  const suggested = path === undefined ? suggest(sets) : sets.filter((set) => isNamed(set, path));
  const kept = new Set([...sets.flatMap((set) => set.files), ...companions]);
  const listed = sets.map((set) => ({ ...set, suggested: suggested.includes(set) }));
  const byName = new Intl.Collator('en', { numeric: true });
  return {
    sets: listed.sort(
      (a, b) => Number(b.suggested) - Number(a.suggested) || byName.compare(a.files[0]!.path, b.files[0]!.path),
    ),
    companions,
    others: files.length - kept.size,
  };
}

/** The files to open for chosen sets: theirs, and the companions beside them. */
export function filesOfSets(contents: RepoContents, chosen: readonly RepoSet[]): readonly HubFile[] {
  const folders = new Set(chosen.map((set) => folderOf(set.files[0]!.path)));
  const own = new Set(chosen.flatMap((set) => set.files));
  const beside = contents.companions.filter((file) => folders.has(folderOf(file.path)) && !own.has(file));
  return [...own, ...beside.slice(0, MOST_COMPANIONS)];
}

type FoundSet = Omit<RepoSet, 'suggested'> & { readonly rank: number };

function gatherSets(files: readonly HubFile[], wanted: (format: string) => boolean): FoundSet[] {
  const left = new Map<FileId, HubFile>(files.map((file) => [file.path, file]));
  const found: FoundSet[] = [];
  const add = (ids: readonly FileId[], label: string, rank: number) => {
    const own = ids.flatMap((id) => left.get(id) ?? []);
    for (const id of ids) left.delete(id);
    if (own.length > 0)
      found.push({ files: own, bytes: own.reduce((sum, file) => sum + file.size, 0), format: label, rank });
  };
  const formats = FORMATS.filter(({ id }) => wanted(id));
  for (const [rank, format] of formats.entries()) {
    for (const set of format.gather?.([...left.keys()]) ?? []) add(set, format.label, rank);
  }
  for (const [rank, format] of formats.entries()) {
    for (const id of [...left.keys()]) {
      const name = id.toLowerCase();
      if (format.extensions.some((extension) => name.endsWith(extension))) add([id], format.label, rank);
    }
  }
  return found;
}

function suggest(sets: readonly FoundSet[]): readonly FoundSet[] {
  const byFolder = new Map<string, FoundSet[]>();
  for (const set of sets) {
    if (TRAINING.test(nameOf(set.files[0]!.path))) continue;
    const folder = folderOf(set.files[0]!.path);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), set]);
  }
  const best = (all: FoundSet[] | undefined) => [...(all ?? [])].sort(compareSets)[0];
  const top = best(byFolder.get(''));
  if (top) return [top];
  const all = [...byFolder.values()].map(best).filter((set) => set !== undefined);
  return all.length > MOST_FOLDERS ? all.slice(0, 1) : all;
}

const compareSets = (a: FoundSet, b: FoundSet): number =>
  a.rank - b.rank || plainName(a).length - plainName(b).length || (plainName(a) < plainName(b) ? -1 : 1);

/** The name without what makes it an index or a shard. */
const plainName = ({ files }: FoundSet): string =>
  nameOf(files[0]!.path).replace(/\.index(?:\.[^.]+)?\.json$|-\d+-of-\d+(?=\.)/, '');

/** A path means the set it is in, or every set below it. */
const isNamed = ({ files }: FoundSet, path: string): boolean =>
  files.some((file) => file.path === path) || files[0]!.path.startsWith(`${path.replace(/\/$/, '')}/`);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
