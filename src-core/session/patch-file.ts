import { StateglassError } from '../base/errors.ts';
import type { Edit } from '../model/edit.ts';
import type { MetaItem } from '../model/state-dict.ts';
import { listDonors } from '../ops/list-donors.ts';
import type { Document } from './document.ts';
import { formatRecipe, readRecipe } from './edits.ts';
import { type PatchNeeds, readNeeds } from './patch-fit.ts';

/** What edits of a patch call the file that they are in. */
export const PATCH_DONOR = 'patch';

const SECTION = '__metadata__';
const KEY = 'stateglass.recipe';

/** What a patch says beside its tensors. */
export interface Patch {
  /** Names of the files whose difference it is. */
  readonly from: string;
  readonly to: string;
  readonly needs: PatchNeeds;
  readonly edits: readonly Edit[];
}

export function writePatchMetadata({ edits, ...more }: Patch): readonly MetaItem[] {
  const donors = listDonors(edits);
  const text = formatRecipe(edits, donors, more);
  return [{ section: SECTION, key: KEY, value: { kind: 'string', value: text } }];
}

/** The patch that a safetensors file is. @throws `bad-input` for a file that is none. */
export function readPatch({ name, state }: Document): Patch {
  const item = state.metadata.find(({ section, key }) => section === SECTION && key === KEY);
  if (item?.value.kind !== 'string')
    throw new StateglassError({ kind: 'bad-input', detail: `${name} is no patch: its metadata has no ${KEY}` });
  const edits = readRecipe(item.value.value);
  const other = listDonors(edits).find((donor) => donor !== PATCH_DONOR);
  if (other !== undefined)
    throw new StateglassError({
      kind: 'bad-input',
      detail: `${name}: its recipe takes values from ${other}, not only from itself`,
    });
  const { from, to, needs } = JSON.parse(item.value.value) as Readonly<Record<string, unknown>>;
  return { from: String(from), to: String(to), needs: readNeeds(needs), edits };
}
