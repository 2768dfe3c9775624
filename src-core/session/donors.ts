import { StateglassError } from '../base/errors.ts';
import type { FileId } from '../bytes/source.ts';
import type { StateDict, Storage, Storages } from '../model/state-dict.ts';
import { listDonors } from '../ops/list-donors.ts';
import type { Document } from './document.ts';
import type { EditedDocument } from './edits.ts';

/** Another document whose values edits take. */
export interface Donor {
  /** Its state when it was attached. */
  readonly given: StateDict;
  /** The same, its bytes being in files of the document that is edited. */
  readonly state: StateDict;
}

/**
 * Lets edits of a document take values from another one, as it is now, by a name. Reads nothing. The other's files become files of
 * the document, under names of their own; none of them is saved.
 *
 * @throws `bad-input` when edits call another donor, or another state of this one, by the name.
 */
export function attachDonor(document: EditedDocument, name: string, other: Document): EditedDocument {
  const known = document.donors.get(name);
  if (known?.given === other.state) return document;
  if (known && listDonors(document.log.edits).includes(name)) {
    const detail = `another document is called ${name} by earlier edits, or it was edited since: give it another name`;
    throw new StateglassError({ kind: 'bad-input', detail });
  }
  const prefix = findPrefix(document);
  const files = new Map(document.files);
  for (const [id, source] of other.files) files.set(prefix + id, source);
  const storages = moveStorages(other.state.storages, prefix);
  const donor: Donor = { given: other.state, state: { ...other.state, storages } };
  return { ...document, files, donors: new Map(document.donors).set(name, donor) };
}

/** What no file of the document begins with. */
function findPrefix({ donors, files }: EditedDocument): string {
  for (let number = donors.size + 1; ; number++) {
    const prefix = `donor ${number}/`;
    if (![...files.keys()].some((id) => id.startsWith(prefix))) return prefix;
  }
}

const moveStorages = (storages: Storages, prefix: string): Storages => ({
  size: storages.size,
  get(id) {
    const found = storages.get(id);
    return found && moveStorage(found, prefix);
  },
});

function moveStorage(storage: Storage, prefix: string): Storage {
  const { data } = storage;
  if (data.kind === 'slices') {
    const slices = data.slices.map((slice) => ({ ...slice, file: (prefix + slice.file) as FileId }));
    return { ...storage, data: { ...data, slices } };
  }
  if (data.kind !== 'derived') return storage;
  const inputs = data.inputs.map((input) => ({ ...input, storage: moveStorage(input.storage, prefix) }));
  return { ...storage, data: { ...data, inputs } };
}
