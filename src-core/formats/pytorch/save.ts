import type { Save } from '../format.ts';
import { copyFile } from '../patch-file.ts';
import { editGraph } from './edit-graph.ts';
import { type Changes, findChanges, isChanged } from './find-changes.ts';
import { findPatches, patchFile } from './patch-values.ts';
import { readGraph } from './read-graph.ts';
import { refuse } from './refuse.ts';
import { rewriteArchive } from './rewrite-archive.ts';

export const save: Save = async ({ before, after, files, signal }) => {
  const changes = findChanges(before, after);
  const patches = isChanged(changes) ? findPatches(before, after, changes) : new Map();
  const own = before.files.filter(({ id, part }) => (part === 'model' || part === 'index') && files.has(id));
  if (patches)
    return Promise.all(
      own.map(({ id }) => {
        const found = patches.get(id);
        const source = files.get(id);
        return found && source ? patchFile(id, source, found, signal) : copyFile(id, source?.size ?? 0);
      }),
    );
  if (after.entries.length === 0) throw refuse(firstOf(changes), 'without it the file would hold nothing');
  const [file, ...more] = own;
  const source = file && files.get(file.id);
  if (!source || more.length > 0)
    throw refuse(firstOf(changes), 'in shards only values can be changed: export it as a new file instead');
  const graph = await readGraph(source, signal);
  return [await rewriteArchive(file.id, graph, editGraph(graph, before, after, changes), before, signal)];
};

/** A name for messages. */
const firstOf = ({ replaced, removed, added }: Changes): string =>
  (replaced[0]?.entry ?? removed[0] ?? added[0])?.key ?? 'metadata';
