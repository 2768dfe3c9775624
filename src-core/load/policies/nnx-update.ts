import { writePythonString } from '../../model/keys/python-text.ts';
import { compareValues } from '../compare-values.ts';
import type { Outline } from '../outline.ts';
import { growPaths, leavesBelow, listLeaves, type PathNode } from '../path-tree.ts';
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
    const reached = new Set<string>();
    const visit = (held: PathNode, given: PathNode): void => {
      for (const [part, child] of given.children) {
        const place = held.children.get(part);
        const leaves = [...leavesBelow(child)];
        if (!place) for (const { key } of leaves) draft.added.push(key);
        else if (place.entry) {
          reached.add(place.entry.key);
          updateLeaf(draft, place.entry, child);
        } else if (child.entry) {
          draft.unexpected.push(child.entry.key);
          refuseLeaf(draft, part, typeOf(child.entry.value));
        } else visit(place, child);
      }
    };
    visit(growPaths(target.entries), growPaths(source.entries));
    for (const { key } of listLeaves(target)) if (!reached.has(key)) draft.missing.push(key);
    return draft;
  },
};

function updateLeaf(draft: ReportDraft, place: NonNullable<PathNode['entry']>, child: PathNode): void {
  if (child.entry) {
    draft.assign(place.key, child.entry.key, compareValues(place, child.entry));
    return;
  }
  // An empty State changes nothing; any other becomes the value of the Variable, whole.
  if (child.children.size === 0) return;
  const found = { key: place.key, expected: typeOf(place.value), actual: 'State' };
  draft.assign(place.key, child.parts.join('.'), [{ ...found, what: 'kind' }]);
}

function refuseLeaf(draft: ReportDraft, part: string | number, type: string): void {
  if (type === 'Tensor') {
    const name = typeof part === 'number' ? part : writePythonString(part);
    draft.raise('ValueError', `Expected a subgraph for ${name}, but got: a leaf`);
  } else draft.raise('AttributeError', `'${type}' object has no attribute 'items'`);
}
