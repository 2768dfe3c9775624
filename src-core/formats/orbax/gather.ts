/** Which files of a drop are one checkpoint, by their names alone. */
import type { FileId } from '../../bytes/source.ts';

const INNER = /(?:^|\/)ocdbt\.process_[^/]*\//;
const ZARR = new Set(['.zarray', '.zgroup', 'zarr.json']);
/** Files beside the steps of a run. */
const OF_RUN = /^(?:_ROOT_METADATA|root_metadata\/|descriptor\/|metrics\/)/;

/** The folder of a tree of arrays, with a slash at its end, and the file that says so. */
export interface Item {
  readonly folder: string;
  readonly primary: FileId;
}

/** Folders that hold a tree of arrays: those with `_METADATA`, databases without one, and groups of zarr arrays. */
export function findItems(names: readonly FileId[]): readonly Item[] {
  const items = new Map<string, FileId>();
  for (const end of ['_METADATA', 'manifest.ocdbt']) {
    for (const id of names) {
      const folder = folderOf(id);
      if (nameOf(id) !== end || INNER.test(id) || items.has(folder)) continue;
      items.set(folder, id);
    }
  }
  for (const [folder, id] of findGroups(names)) if (!isBelow(folder, items)) items.set(folder, id);
  return [...items].map(([folder, primary]) => ({ folder, primary }));
}

/** The outermost folders of zarr arrays: above an array, as far as groups go. One array by itself is its own. */
function findGroups(names: readonly FileId[]): ReadonlyMap<string, FileId> {
  const marked = findMarked(names);
  const groups = new Map<string, FileId>();
  for (const [folder, id] of marked) {
    let at = aboveOf(folder) || folder;
    while (aboveOf(at) !== '' && marked.has(aboveOf(at))) at = aboveOf(at);
    if (!groups.has(at)) groups.set(at, marked.get(at) ?? id);
  }
  let outer: string | undefined;
  for (const folder of [...groups.keys()].sort()) {
    if (outer !== undefined && folder.startsWith(outer)) groups.delete(folder);
    else outer = folder;
  }
  return groups;
}

/** Folders that zarr has written metadata into. */
function findMarked(names: readonly FileId[]): ReadonlyMap<string, FileId> {
  const marked = new Map<string, FileId>();
  for (const id of names) if (ZARR.has(nameOf(id)) && !marked.has(folderOf(id))) marked.set(folderOf(id), id);
  return marked;
}

const isBelow = (folder: string, items: ReadonlyMap<string, FileId>): boolean =>
  [...items.keys()].some((item) => folder.startsWith(item));

/** The folder of the step that an item belongs to: its own where nothing is above. */
export function stepOf(folder: string, names: ReadonlySet<FileId>): string {
  const above = aboveOf(folder);
  if (folder === '' || names.has(`${folder}_CHECKPOINT_METADATA`)) return folder;
  return names.has(`${above}_CHECKPOINT_METADATA`) || stepNumber(above) !== undefined ? above : folder;
}

/** `…/1000/` and `…/checkpoint_1000/`. */
export function stepNumber(folder: string): number | undefined {
  const match = /(?:^|[/_])(\d{1,15})\/$/.exec(folder);
  return match ? Number(match[1]) : undefined;
}

/**
 * One set for each tree of arrays, those of later steps first. What else lies in the folder of a step comes with the first of its items,
 * and what lies beside the steps with the newest.
 */
export function gather(names: readonly FileId[]): readonly (readonly FileId[])[] {
  const all = new Set(names);
  const items = findItems(names).map((item) => ({ ...item, step: stepOf(item.folder, all) }));
  items.sort((a, b) => (stepNumber(b.step) ?? 0) - (stepNumber(a.step) ?? 0));
  const sets = items.map(({ primary }) => [primary]);
  const byFolder = new Map(items.map(({ folder }, i) => [folder, i]));
  const byStep = new Map(items.map(({ step }, i) => [step, i] as const).reverse());
  const byRun = new Map(items.map(({ step }, i) => [aboveOf(step), i] as const).reverse());
  const marked = findMarked(names);
  for (const id of names) {
    const home = nearest(id, byFolder) ?? nearest(id, byStep) ?? homeOfRun(id, byRun);
    if (home === undefined || sets[home]![0] === id) continue;
    // Beside plain arrays may lie anything.
    if (!ZARR.has(nameOf(sets[home]![0]!)) || isInMarked(id, marked)) sets[home]!.push(id);
  }
  return sets;
}

/** The item of the innermost folder that a file lies in. */
function nearest(id: FileId, homes: ReadonlyMap<string, number>): number | undefined {
  for (let folder = folderOf(id); ; folder = aboveOf(folder)) {
    const home = homes.get(folder);
    if (home !== undefined || folder === '') return home;
  }
}

function isInMarked(id: FileId, marked: ReadonlyMap<string, FileId>): boolean {
  for (let folder = folderOf(id); folder !== ''; folder = aboveOf(folder)) if (marked.has(folder)) return true;
  return marked.has('');
}

function homeOfRun(id: FileId, runs: ReadonlyMap<string, number>): number | undefined {
  for (const [folder, home] of runs) if (id.startsWith(folder) && OF_RUN.test(id.slice(folder.length))) return home;
  return undefined;
}

const aboveOf = (folder: string): string => folderOf(folder.slice(0, -1));
export const folderOf = (id: string): string => id.slice(0, id.lastIndexOf('/') + 1);
export const nameOf = (id: FileId): string => id.slice(id.lastIndexOf('/') + 1);
