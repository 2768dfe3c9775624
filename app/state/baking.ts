import { create } from 'zustand';
import {
  type Edit,
  LORA_CONFIG_FILE,
  type LoraOptions,
  readLoraConfig,
  StateglassError,
} from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import type { LoraAnswer } from '../engine/edit-api.ts';
import { readNumber } from './cell-edits.ts';
import { nameDonor } from './donors.ts';
import { makeEdit } from './edits.ts';
import { engine } from './engine.ts';
import { companionText } from './resources.ts';
import { wordWrong } from './tensor-editing.ts';
import { showDialog, useWorkspace } from './workspace.ts';

interface BakingState {
  readonly document: OpenedDocument | null;
  /** Whose updates are baked: another document, or the same one. */
  readonly lora: OpenedDocument | null;
  readonly form: LoraForm;
  /** What the file beside the updates says of them, for people. */
  readonly config: readonly string[];
}

/** What is typed and chosen. */
export interface LoraForm {
  /** A number, `rank`, or empty: as the file has it. */
  readonly alpha: string;
  readonly strength: string;
  readonly adapter: string;
  readonly rankStabilised: boolean;
  readonly fanInFanOut: boolean;
  /** Takes the factors out of the document; only of its own. */
  readonly remove: boolean;
}

const NO_FORM: LoraForm = {
  alpha: '',
  strength: '1',
  adapter: '',
  rankStabilised: false,
  fanInFanOut: false,
  remove: true,
};

export const useBaking = create<BakingState>(() => ({ document: null, lora: null, form: NO_FORM, config: [] }));

/** An open document whose updates can be baked into this one. */
export interface LoraOffer {
  readonly lora: OpenedDocument;
  readonly count: number;
}

export async function listLoras(document: DocumentId): Promise<readonly LoraOffer[]> {
  const found = await engine()
    .listLoras(document)
    .catch(() => []);
  const { documents } = useWorkspace.getState();
  return found.flatMap(({ document: id, count }) => {
    const lora = documents.find((one) => one.id === id);
    return lora ? { lora, count } : [];
  });
}

/** Opens the dialog with what `adapter_config.json` beside the updates says. */
export async function openBaking(document: OpenedDocument, lora: OpenedDocument): Promise<void> {
  const { form, config } = await readConfig(lora);
  useBaking.setState({ document, lora, form: { ...NO_FORM, ...form }, config });
  showDialog('lora');
}

async function readConfig(
  lora: OpenedDocument,
): Promise<{ readonly form: Partial<LoraForm>; readonly config: readonly string[] }> {
  const file = lora.files.find(({ name }) => name === LORA_CONFIG_FILE);
  if (!file) return { form: {}, config: [] };
  try {
    return formOfConfig(JSON.parse(await companionText(lora.id, file.id)));
  } catch (error) {
    return { form: {}, config: [`${LORA_CONFIG_FILE} cannot be read: ${wordWrong(error)}`] };
  }
}

/** What PEFT writes of an adapter, as far as baking needs it. */
export function formOfConfig(read: unknown): {
  readonly form: Partial<LoraForm>;
  readonly config: readonly string[];
} {
  const { alpha, rank, fanInFanOut, rankStabilised, hasAlphaPattern } = readLoraConfig(read);
  const says = [
    ...(alpha === undefined ? [] : [`alpha ${alpha}`]),
    ...(rank === undefined ? [] : [`rank ${rank}`]),
    ...(fanInFanOut ? ['weights stored [in, out]'] : []),
    ...(rankStabilised ? ['rank-stabilised'] : []),
  ];
  return {
    form: {
      ...(alpha !== undefined && { alpha: String(alpha) }),
      ...(fanInFanOut && { fanInFanOut }),
      ...(rankStabilised && { rankStabilised }),
    },
    config: [
      ...(says.length > 0 ? [`adapter_config.json says ${says.join(', ')}.`] : []),
      ...(hasAlphaPattern
        ? ['It gives some modules an alpha of their own (alpha_pattern), which is not read here.']
        : []),
    ],
  };
}

export type LoraPlanned = { readonly plan: LoraAnswer } | { readonly wrong: string };

/** Which weights would get an update, and what is left. */
export async function planBaking(document: OpenedDocument, lora: OpenedDocument, form: LoraForm): Promise<LoraPlanned> {
  try {
    const donor = lora.id === document.id ? null : lora.id;
    return { plan: await engine().planLora(document.id, donor, optionsOf(form)) };
  } catch (error) {
    return { wrong: wordWrong(error) };
  }
}

/** One edit of all that can be baked. @throws why it cannot be made. */
export async function bake(document: OpenedDocument, lora: OpenedDocument, form: LoraForm): Promise<void> {
  const isOwn = lora.id === document.id;
  const donor = nameDonor(document.id, lora);
  const args = { ...optionsOf(form), partial: true, ...(isOwn ? form.remove && { remove: true } : { donor }) };
  const edit: Edit = { op: 'bake-lora', args };
  await makeEdit(document.id, edit, false, isOwn ? {} : { [donor]: lora.id });
}

function optionsOf(form: LoraForm): LoraOptions {
  const alpha = form.alpha.trim();
  return {
    ...(alpha !== '' && { alpha: alpha === 'rank' ? 'rank' : number('alpha', alpha) }),
    ...(form.adapter.trim() !== '' && { adapter: form.adapter.trim() }),
    strength: number('strength', form.strength),
    ...(form.rankStabilised && { rankStabilised: true }),
    ...(form.fanInFanOut && { fanInFanOut: true }),
  };
}

function number(name: string, text: string): number {
  const value = readNumber(text);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new StateglassError({ kind: 'bad-input', detail: `${name}: ${text.trim() || 'nothing'} is no number` });
}
