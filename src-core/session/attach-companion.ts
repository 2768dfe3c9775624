import type { FileId } from '../bytes/source.ts';
import type { FileInfo, StateDict } from '../model/state-dict.ts';
import type { OpenFile } from './document.ts';
import type { EditedDocument } from './edits.ts';

/**
 * A document with one more file beside it, in the place of one of the same name: a `tokenizer.json` that was dropped later. It is no
 * edit, and undoing does not take it away.
 */
export function attachCompanion(document: EditedDocument, { id, source }: OpenFile): EditedDocument {
  const name = nameOf(id);
  const added: FileInfo = { id, name, size: source.size, part: 'companion' };
  const beside = ({ part, id: other }: FileInfo) => part === 'companion' && nameOf(other) === name;
  const add = (state: StateDict): StateDict => ({
    ...state,
    files: [...state.files.filter((file) => !beside(file)), added],
  });
  return {
    ...document,
    state: add(document.state),
    base: add(document.base),
    files: new Map([...document.files, [id, source]]),
    checkpoints: new Map([...document.checkpoints].map(([count, state]) => [count, add(state)])),
  };
}

const nameOf = (id: FileId): string => id.slice(id.lastIndexOf('/') + 1);
