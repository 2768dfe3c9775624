import { type EntryId, familyOf, formatSlice, type ModuleTree, VALUE_ORDER, wholeSlice } from '../../src-core/index.ts';
import type { OpenedDocument } from '../engine/api.ts';
import { type Explorer, entryOf } from './explorer.ts';
import { shownText } from './shown-slice.ts';
import { pathText } from './tree-labels.ts';
import { shapeOfEntry, shownSlice } from './values.ts';

/** Something of a document that can be exported, or edited as one. */
export interface DocumentPart {
  readonly id: 'tensor' | 'slice' | 'module' | 'filter' | 'document';
  readonly title: string;
  /** Which one it is. */
  readonly about: string;
  readonly tensors: number;
  /** All entries when absent. */
  readonly rows?: Uint32Array<ArrayBuffer>;
  readonly slice?: string;
  /** A file's name for it, without an extension. */
  readonly stem: string;
  /** Whether floats of less than 32 bits, or quantised tensors, are among them. */
  readonly narrow: boolean;
  /** Some are stored in blocks. */
  readonly blocks: boolean;
  readonly quantised: boolean;
}

const TENSOR = VALUE_ORDER.indexOf('tensor');

/** What there is where a person is, the nearest first. Only what holds a tensor. */
export function listParts({ document, selected, filter, matches }: Explorer): readonly DocumentPart[] {
  const { tree } = document;
  const parts: DocumentPart[] = [];
  const add = (part: Pick<DocumentPart, 'id' | 'title' | 'about' | 'slice' | 'rows' | 'stem'>) => {
    const facts = countTensors(tree, part.rows);
    if (facts.tensors > 0) parts.push({ ...part, ...facts });
  };
  const entry = entryOf(document, selected);
  if (entry !== undefined) {
    const path = pathText(tree, selected);
    const rows = Uint32Array.of(entry);
    add({ id: 'tensor', title: 'This tensor', about: path, rows, stem: stemOf(path) });
    const slice = shownPart(document, entry);
    if (slice)
      add({
        id: 'slice',
        title: 'The slice on screen',
        about: `[${slice}]`,
        rows,
        slice,
        stem: `${stemOf(path)}-slice`,
      });
  }
  const module = selected > 0 && (tree.end[selected] ?? 0) - selected > 1 ? selected : (tree.parent[selected] ?? 0);
  if (module > 0) {
    const path = pathText(tree, module);
    add({ id: 'module', title: 'This module', about: path, rows: rowsBelow(tree, module), stem: stemOf(path) });
  }
  const own = document.name.replace(/\.[^.]+$/, '');
  if (matches)
    add({
      id: 'filter',
      title: 'What the filter matches',
      about: filter,
      rows: matches,
      stem: stemOf(`${own}-filtered`),
    });
  add({ id: 'document', title: 'The whole document', about: document.name, stem: stemOf(own) });
  return parts;
}

/** The slice that Values shows, where that is not all of the tensor. */
function shownPart(document: OpenedDocument, entry: EntryId): string | undefined {
  const shape = shapeOfEntry(document, entry);
  const shown = shownSlice(document.id, entry);
  if (!shape || !shown) return undefined;
  return formatSlice(shown.slice, shape) === formatSlice(wholeSlice(shape), shape)
    ? undefined
    : shownText(shown, shape);
}

function rowsBelow(tree: ModuleTree, node: number): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(tree.entries[node] ?? 0);
  let found = 0;
  for (let below = node; below < (tree.end[node] ?? 0); below++) {
    const row = tree.entry[below] ?? -1;
    if (row >= 0) rows[found++] = row;
  }
  return rows.slice(0, found);
}

function countTensors(
  tree: ModuleTree,
  rows: Uint32Array | undefined,
): Pick<DocumentPart, 'tensors' | 'narrow' | 'quantised' | 'blocks'> {
  const families = tree.dtypes.map(familyOf);
  let tensors = 0;
  const seen = new Set<number>();
  for (let i = 0; i < (rows?.length ?? tree.entryCount); i++) {
    const node = tree.nodeOfEntry[rows?.[i] ?? i] ?? 0;
    if (tree.type[node] !== TENSOR) continue;
    tensors++;
    seen.add(tree.dtype[node] ?? 0);
  }
  const has = (...wanted: readonly string[]) =>
    [...seen].some((code) => code > 0 && wanted.includes(families[code - 1] ?? ''));
  return { tensors, narrow: has('half', 'float8'), quantised: has('quant'), blocks: has('block') };
}

/** Characters that file systems take. */
const stemOf = (path: string): string => path.replace(/[\\/:*?"<>|\s]+/g, '-').slice(0, 120) || 'tensors';
