import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import {
  attachDonor,
  type EditedDocument,
  listDonors,
  PATCH_DONOR,
  readPatch,
  readRecipe,
  requireFit,
  StateglassError,
} from '../src-core/index.ts';
import { applyEdits, type EditOptions, editFile, openForEditing } from './edit-file.ts';

export interface ReplayOptions extends EditOptions {
  readonly donor?: string | number | readonly (string | number)[];
}

/** `replay RECIPE FILE`: the edits of a recipe, or of a patch, made on another file. One that cannot be made stops all of them. */
export async function replay(recipe: string, file: string, options: ReplayOptions): Promise<void> {
  if (extname(recipe).toLowerCase() === PATCH) return replayPatch(recipe, file, options);
  const text = await readFile(recipe, 'utf8').catch((cause: unknown) => {
    throw new StateglassError({ kind: 'source', file: recipe, detail: 'the recipe cannot be read' }, { cause });
  });
  const edits = readRecipe(text);
  const donors = findDonors(recipe, listDonors(edits), options.donor);
  await editFile(file, options, async (document) => ({
    document: applyEdits(await attachDonors(document, donors), edits, true),
  }));
}

/** A recipe with its tensors: what `diff --patch` writes. */
const PATCH = '.safetensors';

async function replayPatch(path: string, file: string, options: ReplayOptions): Promise<void> {
  if (options.donor !== undefined) throw bad('--donor: a patch takes from nobody but itself');
  const donor = await openForEditing(path);
  const { needs, edits } = readPatch(donor);
  await editFile(file, options, async (document) => {
    await requireFit(document.state, needs);
    return { document: applyEdits(attachDonor(document, PATCH_DONOR, donor), edits, true) };
  });
}

/** Where each donor of a recipe is: as it was given, else a file of its name beside the recipe. */
function findDonors(
  recipe: string,
  names: readonly string[],
  given: ReplayOptions['donor'] = [],
): ReadonlyMap<string, string> {
  const paths = new Map([given].flat().map((item) => readDonor(String(item))));
  for (const name of paths.keys())
    if (!names.includes(name))
      throw bad(
        `--donor ${name}: the recipe takes nothing from it; ${names.length > 0 ? `it names ${names.join(', ')}` : 'it names nobody'}`,
      );
  for (const name of names) {
    const beside = join(dirname(recipe), name);
    if (!paths.has(name) && existsSync(beside)) paths.set(name, beside);
  }
  const missing = names.filter((name) => !paths.has(name));
  if (missing.length === 0) return paths;
  const how = missing.map((name) => `--donor ${name}=FILE`).join(' ');
  throw bad(`the recipe takes values from ${missing.join(', ')}, not found beside it: give ${how}`);
}

function readDonor(item: string): [name: string, path: string] {
  const at = item.indexOf('=');
  if (at < 1) throw bad(`--donor takes NAME=FILE, not "${item}"`);
  return [item.slice(0, at), item.slice(at + 1)];
}

async function attachDonors(document: EditedDocument, paths: ReadonlyMap<string, string>): Promise<EditedDocument> {
  let attached = document;
  for (const [name, path] of paths) attached = attachDonor(attached, name, await openForEditing(path));
  return attached;
}

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
