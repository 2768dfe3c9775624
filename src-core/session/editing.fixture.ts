import { basename } from 'node:path';
import { bufferSource } from '../bytes/buffer.ts';
import { nodeSource, openNodeHandle } from '../bytes/node.ts';
import { type Fixture, fixturesOf } from '../formats/fixture-files.fixture.ts';
import { FORMATS } from '../formats/registry.ts';
import type { Entry, StateDict } from '../model/state-dict.ts';
import { type EditedDocument, startEditing } from './edits.ts';
import { memorySink } from './memory-sink.fixture.ts';
import { openFiles } from './open.ts';
import { planSave } from './save.ts';
import { writePlan } from './write-plan.ts';

/** Every good file there is, with those it was opened with. */
export const FIXTURES: readonly { readonly format: string; readonly path: string; readonly fixture: Fixture }[] =
  FORMATS.flatMap((format) =>
    fixturesOf(format)
      // What lies beside a model is no model by itself.
      .filter(({ name }) => name !== 'config.json')
      .map((fixture) => ({ format: format.id, path: fixture.path, fixture })),
  );

const ROOT = `${import.meta.dirname}/../fixtures/`;

export async function openFixture({ path, set, name, packed }: Fixture): Promise<EditedDocument> {
  const folder = path.slice(0, -name.length);
  const sources = set.map(async (id) => {
    const bytes = packed?.get(id);
    return { id, source: bytes ? bufferSource(bytes, basename(id)) : await nodeSource(`${ROOT}${folder}${id}`) };
  });
  const { documents, failures } = await openFiles(await Promise.all(sources));
  const document = documents.find((one) => one.files.has(name)) ?? documents[0];
  if (!document) throw new Error(`${path}: ${JSON.stringify(failures)}`);
  return startEditing(document);
}

export async function reopen(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<EditedDocument> {
  const sources = [...files].map(([id, bytes]) => ({ id, source: bufferSource(bytes, basename(id)) }));
  const { documents, failures } = await openFiles(sources);
  if (!documents[0]) throw new Error(JSON.stringify(failures));
  return startEditing(documents[0]);
}

/** Every file of the document as it would be saved. */
export async function saveAll(document: EditedDocument): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const saved = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const plan of (await planSave(document)).files) {
    const sink = memorySink();
    await writePlan(plan, sink, openNodeHandle);
    saved.set(plan.file, sink.bytes());
  }
  return saved;
}

export const listAll = ({ entries }: StateDict): Entry[] =>
  Array.from({ length: entries.length }, (_, row) => entries.at(row));

/** All that a state says, as text: two that say the same are the same. */
export function describeState(state: StateDict): string {
  const entries = listAll(state).map(({ source: _, ...entry }) => entry);
  const { shares, metadata, problems } = state;
  return JSON.stringify({ entries, shares, metadata, problems }, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value instanceof Map ? [...value] : value,
  );
}
