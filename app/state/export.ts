import { create } from 'zustand';
import { type ErrorInfo, type ExportForm, listFormats, toErrorInfo } from '../../src-core/index.ts';
import type { ExportChoice, OpenedDocument } from '../engine/api.ts';
import { type DocumentPart, listParts } from './document-parts.ts';
import { engine } from './engine.ts';
import { explorerOf } from './explorer.ts';
import { saveFile } from './save-file.ts';
import { runTask } from './tasks.ts';
import { addNotice, showDialog } from './workspace.ts';

interface ExportState {
  readonly document: OpenedDocument | null;
  /** What can be exported from where the person was, the nearest first. */
  readonly parts: readonly DocumentPart[];
  readonly part: DocumentPart | null;
  /** The format asked for; another is taken while it is not possible. Kept from one time to the next. */
  readonly wanted: string;
  readonly widen: boolean;
  readonly raw: boolean;
  /** The name as typed; null while it follows what is chosen. */
  readonly typedName: string | null;
  /** What the file would be in each format; null while that is found out. */
  readonly forms: readonly ExportForm[] | null;
  readonly error: ErrorInfo | null;
  /** `forms` are of the last choice: those of this one are on their way. */
  readonly asking: boolean;
}

export const useExport = create<ExportState>(() => ({
  document: null,
  parts: [],
  part: null,
  wanted: 'safetensors',
  widen: false,
  raw: false,
  typedName: null,
  forms: null,
  error: null,
  asking: false,
}));

/** Opens the dialog for where the person is in a document. */
export function openExport(document: OpenedDocument): void {
  const explorer = explorerOf(document.id);
  const parts = explorer ? listParts(explorer) : [];
  const [part] = parts;
  if (!part) return;
  useExport.setState({ document, parts, part, typedName: null, widen: false, raw: false, forms: null, error: null });
  showDialog('export');
  void findForms();
}

export function choosePart(id: string): void {
  const { parts, part } = useExport.getState();
  useExport.setState({ part: parts.find((one) => one.id === id) ?? part });
  void findForms();
}

/** Narrow floats, and values of quantised tensors, as f32. */
export function chooseWiden(widen: boolean): void {
  useExport.setState({ widen });
  void findForms();
}

/** Quantised tensors as stored integers. */
export function chooseRaw(raw: boolean): void {
  useExport.setState({ raw });
  void findForms();
}

export const chooseFormat = (wanted: string): void => useExport.setState({ wanted });
export const typeName = (typedName: string): void => useExport.setState({ typedName });

/** The format that will be written: the wanted one, or the first that is possible. */
export function chosenForm({ forms, wanted }: Pick<ExportState, 'forms' | 'wanted'>): ExportForm | undefined {
  const possible = forms?.filter(({ error }) => error === undefined);
  return possible?.find(({ id }) => id === wanted) ?? possible?.[0];
}

/** The format's extension; that of the document's own name where it is of this format: `.pth` stays `.pth`. */
export function extensionOf({ id, extension }: ExportForm, document: OpenedDocument | null): string {
  const own = /\.[^.]+$/.exec(document?.name ?? '')?.[0];
  const isOwn = own && document?.format === id && formatExtensions(id).includes(own.toLowerCase());
  return isOwn ? own : extension;
}

const formatExtensions = (id: string): readonly string[] =>
  listFormats().find((format) => format.id === id)?.extensions ?? [];

/** Without the extension, which the format says. */
export const stemOf = ({ typedName, part }: Pick<ExportState, 'typedName' | 'part'>): string =>
  typedName ?? part?.stem ?? '';

function choiceOf({ document, part, widen, raw }: ExportState): ExportChoice | undefined {
  if (!document || !part) return undefined;
  const { rows, slice } = part;
  return {
    document: document.id,
    ...(rows && { rows }),
    ...(slice !== undefined && { slice }),
    ...(widen && { as: 'f32' }),
    ...(raw && { raw }),
  };
}

let lastAsked = 0;

async function findForms(): Promise<void> {
  const asked = ++lastAsked;
  const choice = choiceOf(useExport.getState());
  if (!choice) return;
  // What is shown stays until the answer is here: nothing jumps for a tick.
  useExport.setState({ asking: true });
  const answer = await engine()
    .exportForms(choice)
    .then(
      (forms) => ({ forms, error: null }),
      (error: unknown) => ({ forms: null, error: toErrorInfo(error) }),
    );
  if (asked === lastAsked) useExport.setState({ ...answer, asking: false });
}

/** Writes the file as a task and hands it to the browser to save. Failures become notices. */
export async function exportChosen(): Promise<void> {
  const state = useExport.getState();
  const form = chosenForm(state);
  const choice = choiceOf(state);
  if (!form || !choice) return;
  showDialog(null);
  await writeAndSave(choice, form.id, `${stemOf(state).trim() || 'tensors'}${extensionOf(form, state.document)}`);
}

async function writeAndSave(choice: ExportChoice, format: string, name: string): Promise<void> {
  try {
    saveFile(await runTask(`Exporting ${name}`, (call) => engine().exportFile(choice, format, call)), name);
  } catch (error) {
    addNotice({ file: name, error: toErrorInfo(error), retry: () => void writeAndSave(choice, format, name) });
  }
}
