/** Saves files with edits: each line of the file given is JSON, `{ "from", "to", "edits": [{ "op", "args" }] }`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  applyEdit,
  blobSink,
  checkSaved,
  type EditedDocument,
  openFiles,
  planSave,
  startEditing,
  writePlan,
} from '../../src-core/index.ts';
import { nodeSource, openNodeHandle } from '../../src-core/node.ts';

async function open(path: string): Promise<EditedDocument> {
  const { documents } = await openFiles([{ id: basename(path), source: await nodeSource(path) }]);
  if (!documents[0]) throw new Error(`${path} cannot be opened`);
  return startEditing(documents[0]);
}

for (const line of readFileSync(process.argv[2] ?? '', 'utf8')
  .trimEnd()
  .split('\n')) {
  const { from, to, edits } = JSON.parse(line);
  let document = await open(from);
  for (const edit of edits) document = applyEdit(document, edit);
  for (const plan of (await planSave(document)).files) {
    const sink = blobSink();
    await writePlan(plan, sink, openNodeHandle);
    writeFileSync(to, new Uint8Array(await sink.finish('').arrayBuffer()));
  }
  checkSaved(document, await open(to));
}
