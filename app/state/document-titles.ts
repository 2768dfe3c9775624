import type { OpenedDocument } from './engine.ts';

type Named = Pick<OpenedDocument, 'name' | 'files'>;

/** A document's name; with the folder it lies in where another of the same name is open: a pipeline has many `model.safetensors`. */
export function titleOf(document: Named, documents: readonly Named[]): string {
  const { name, files } = document;
  if (!documents.some((other) => other !== document && other.name === name)) return name;
  const folders = files[0]?.id.split('/').slice(0, -1) ?? [];
  const folder = folders.findLast((part) => part !== name);
  return folder === undefined ? name : `${folder}/${name}`;
}
