import { type Edit, listDonors } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import { useWorkspace } from './workspace.ts';

/** Open documents that edits take values from, by the names that the edits have for them. */
export type DonorIds = Readonly<Record<string, DocumentId>>;

/** Which names edits of a document gave to whom, each as it was then. */
const given = new Map<DocumentId, Map<string, OpenedDocument>>();

export function rememberDonors(document: DocumentId, donors: DonorIds): void {
  for (const [name, id] of Object.entries(donors)) {
    const donor = documentOf(id);
    if (donor) given.set(document, (given.get(document) ?? new Map()).set(name, donor));
  }
}

/** A name for a donor that no earlier edit has for another document, or for this one as it was before it was edited; none of `taken`. */
export function nameDonor(document: DocumentId, donor: OpenedDocument, taken: readonly string[] = []): string {
  const names = given.get(document);
  for (let number = 1; ; number++) {
    const name = number === 1 ? donor.name : `${donor.name} (${number})`;
    const known = names?.get(name);
    if ((!known || known === donor) && !taken.includes(name)) return name;
  }
}

export interface FoundDonors {
  readonly found: DonorIds;
  /** Names that no open document has. */
  readonly missing: readonly string[];
}

/** Who of the open documents is meant by the names that edits have for donors. */
export function findDonors(
  document: DocumentId,
  edits: readonly Edit[],
  documents: readonly OpenedDocument[] = useWorkspace.getState().documents,
): FoundDonors {
  const found: Record<string, DocumentId> = {};
  const missing: string[] = [];
  for (const name of listDonors(edits)) {
    const own = fileOf(name);
    const donor = documents.find((one) => one.id !== document && (one.name === name || one.name === own));
    if (donor) found[name] = donor.id;
    else missing.push(own);
  }
  return { found, missing: [...new Set(missing)] };
}

/** The file of a name that `nameDonor` made. */
const fileOf = (name: string): string => name.replace(/ \(\d+\)$/, '');

/** Those of the donors that one edit takes values from. */
export const donorsOfEdit = (edit: Edit, donors: DonorIds): DonorIds =>
  Object.fromEntries(listDonors([edit]).flatMap((name) => (name in donors ? [[name, donors[name] as number]] : [])));

const documentOf = (id: DocumentId): OpenedDocument | undefined =>
  useWorkspace.getState().documents.find((document) => document.id === id);

// Ids are never given twice; what was closed is only forgotten.
useWorkspace.subscribe(({ documents }) => {
  for (const id of given.keys()) if (!documents.some((document) => document.id === id)) given.delete(id);
});
