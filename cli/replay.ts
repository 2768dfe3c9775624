import { readFile } from 'node:fs/promises';
import { readRecipe, StateglassError } from '../src-core/index.ts';
import { applyEdits, type EditOptions, editFile } from './edit-file.ts';

/** `replay RECIPE FILE`: the edits of a recipe, made on another file. One that cannot be made stops all of them. */
export async function replay(recipe: string, file: string, options: EditOptions): Promise<void> {
  const text = await readFile(recipe, 'utf8').catch((cause: unknown) => {
    throw new StateglassError({ kind: 'source', file: recipe, detail: 'the recipe cannot be read' }, { cause });
  });
  const edits = readRecipe(text);
  await editFile(file, options, (document) => ({ document: applyEdits(document, edits, true) }));
}
