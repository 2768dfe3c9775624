import { writePythonString } from '../../model/keys/python-text.ts';
import { compareValues } from '../compare-values.ts';
import { identifyPath, identifyPrefixes, type Outline, type OutlineEntry } from '../outline.ts';
import { indexPaths, listLeaves } from '../path-tree.ts';
import type { LoadPolicy } from '../policy.ts';
import { ReportDraft } from '../report-draft.ts';
import { typeOf } from '../words.ts';

/** What is new is added, what the state has not stays; nothing is compared in shape. */
export const nnxUpdate: LoadPolicy = {
  id: 'nnx-update',
  label: 'flax.nnx update',
  call: 'nnx.update(model, state)',
  missing: 'ignore',
  unexpected: 'add',
  shape: 'ignore',
  dtype: 'ignore',
  match: 'exact',
  atomic: false,
  plan(target: Outline, source: Outline): ReportDraft {
    const draft = new ReportDraft();
    if (source.notDict !== undefined)
      return draft.raise('AttributeError', `'${source.notDict}' object has no attribute 'items'`);
    const places = indexPaths(target);
    const reached = new Set<string>();
    let inner: ReadonlySet<string> | undefined;
    for (const entry of listLeaves(source)) {
      const path = identifyPath(entry.parts);
      const place = places.get(path) ?? leafAbove(entry, places);
      if (place) updateLeaf(draft, place, entry, reached);
      else {
        inner ??= innerPaths(places, target);
        if (inner.has(path)) refuseLeaf(draft, entry);
        else if (entry.parts.length > 1 && !inner.has(identifyPath(entry.parts.slice(0, -1))))
          refuseState(draft, entry, inner);
        else draft.added.push(entry.key);
      }
    }
    for (const { key } of places.values()) if (!reached.has(key)) draft.missing.push(key);
    return draft;
  },
};

/** Paths of what is no leaf: modules, those that hold nothing too. */
function innerPaths(places: ReadonlyMap<string, OutlineEntry>, { containers }: Outline): ReadonlySet<string> {
  const inner = new Set<string>(containers?.keys());
  for (const { parts } of places.values()) for (const path of identifyPrefixes(parts.slice(0, -1))) inner.add(path);
  return inner;
}

/** A leaf of the target where the source has a subtree. */
function leafAbove({ parts }: OutlineEntry, places: ReadonlyMap<string, OutlineEntry>): OutlineEntry | undefined {
  for (const path of identifyPrefixes(parts)) {
    const place = places.get(path);
    if (place) return place;
  }
  return undefined;
}

function updateLeaf(draft: ReportDraft, place: OutlineEntry, entry: OutlineEntry, reached: Set<string>): void {
  const isWhole = place.parts.length === entry.parts.length;
  // A whole State becomes the value of the Variable: its other leaves are in it.
  if (!isWhole && reached.has(place.key)) return;
  reached.add(place.key);
  const found = { key: place.key, expected: typeOf(place.value), actual: 'State' };
  draft.assign(place.key, entry.key, isWhole ? compareValues(place, entry) : [{ ...found, what: 'kind' }]);
}

function refuseLeaf(draft: ReportDraft, { key, parts, value }: OutlineEntry): void {
  draft.unexpected.push(key);
  const part = parts.at(-1) ?? '';
  const name = typeof part === 'number' ? part : writePythonString(part);
  if (value.kind === 'tensor') draft.raise('ValueError', `Expected a subgraph for ${name}, but got: a leaf`);
  else draft.raise('AttributeError', `'${value.type}' object has no attribute 'items'`);
}

/** A State is no Module: since flax 0.12 an attribute cannot hold one. */
function refuseState(draft: ReportDraft, { key, parts }: OutlineEntry, inner: ReadonlySet<string>): void {
  draft.unexpected.push(key);
  if (draft.error) return;
  const name = parts.find((_, depth) => !inner.has(identifyPath(parts.slice(0, depth + 1))));
  draft.raise(
    'ValueError',
    `Found data on value of type '<class 'flax.nnx.statelib.State'>' assigned to static attribute '${name}'`,
  );
}
