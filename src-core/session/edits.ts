import { StateglassError } from '../base/errors.ts';
import type { Edit } from '../model/edit.ts';
import { findRow } from '../model/find-row.ts';
import type { Entry, StateDict } from '../model/state-dict.ts';
import { donorsOf, listDonors } from '../ops/list-donors.ts';
import type { Donors } from '../ops/op.ts';
import { readEdit } from '../ops/registry.ts';
import type { Document } from './document.ts';
import type { Donor } from './donors.ts';

/** An edit that was made, for people. */
export interface EditInfo extends Edit {
  readonly title: string;
}

/** Every edit since the document was opened; those from `cursor` on are undone, and can be redone. */
export interface EditLog {
  readonly edits: readonly EditInfo[];
  readonly cursor: number;
}

/** A document with its edits: `state` is `base` with the edits before the cursor. */
export interface EditedDocument extends Document {
  /** As it was read. */
  readonly base: StateDict;
  readonly log: EditLog;
  /** Documents that edits take values from, by the names that the edits have for them. */
  readonly donors: ReadonlyMap<string, Donor>;
  /** Counts up with every change: what was computed of an earlier one may be of other values. */
  readonly revision: number;
  /** States after some of the edits, by their number: a long log is not replayed whole. */
  readonly checkpoints: ReadonlyMap<number, StateDict>;
}

const CHECKPOINT_EVERY = 16;

export const startEditing = (document: Document): EditedDocument => ({
  ...document,
  base: document.state,
  log: { edits: [], cursor: 0 },
  donors: new Map(),
  revision: 0,
  checkpoints: new Map(),
});

/**
 * Makes an edit. What was undone before can be redone no more. The same document when the edit changes nothing.
 *
 * @throws `bad-input` or `not-found` with the reason when it cannot be made: a donor that is not attached is one.
 */
export function applyEdit(document: EditedDocument, edit: Edit): EditedDocument {
  const { state, info } = carryOut(document.state, edit, statesOf(document));
  if (state === document.state) return document;
  const edits = [...document.log.edits.slice(0, document.log.cursor), info];
  return moveTo(document, edits, edits.length, state);
}

export const canUndo = ({ log }: EditedDocument): boolean => log.cursor > 0;
export const canRedo = ({ log }: EditedDocument): boolean => log.cursor < log.edits.length;

/** Goes back, or forth, to where so many edits of the log hold. */
export function moveCursor(document: EditedDocument, cursor: number): EditedDocument {
  const { edits } = document.log;
  const to = Math.max(0, Math.min(edits.length, cursor));
  if (to === document.log.cursor) return document;
  return moveTo(document, edits, to, replay(document, edits, to));
}

/**
 * Takes one edit out of the middle and makes the others again.
 *
 * @throws what a later edit that builds on it throws; nothing has changed then.
 */
export function revertEdit(document: EditedDocument, index: number): EditedDocument {
  const { edits, cursor } = document.log;
  if (!(index >= 0 && index < cursor))
    throw new StateglassError({ kind: 'not-found', what: `edit ${index + 1}`, detail: `${cursor} edits hold` });
  const rest = edits.slice(0, cursor).toSpliced(index, 1);
  const kept = new Map([...document.checkpoints].filter(([count]) => count <= index));
  const shortened = { ...document, checkpoints: kept };
  return moveTo(shortened, rest, rest.length, replay(shortened, rest, rest.length));
}

/** What an edit made of the entry that it names: before and after it, absent where there is none. */
export function reviewEdit(
  document: EditedDocument,
  index: number,
): { readonly before?: Entry | undefined; readonly after?: Entry | undefined } {
  const { edits } = document.log;
  const { key, to } = (edits[index]?.args ?? {}) as { readonly key?: unknown; readonly to?: unknown };
  if (typeof key !== 'string') return {};
  const [was, is] = [replay(document, edits, index), replay(document, edits, index + 1)];
  const find = (state: StateDict, name: string) => {
    const row = findRow(state, name);
    return row === undefined ? undefined : state.entries.at(row);
  };
  return { before: find(was, key), after: find(is, typeof to === 'string' ? to : key) };
}

function moveTo(
  document: EditedDocument,
  edits: readonly EditInfo[],
  cursor: number,
  state: StateDict,
): EditedDocument {
  const isNew = edits !== document.log.edits;
  const checkpoints = new Map([...document.checkpoints].filter(([count]) => !isNew || count < cursor));
  if (cursor > 0 && cursor % CHECKPOINT_EVERY === 0) checkpoints.set(cursor, state);
  return { ...document, state, log: { edits, cursor }, revision: document.revision + 1, checkpoints };
}

function replay(document: EditedDocument, edits: readonly Edit[], to: number): StateDict {
  const { base, checkpoints } = document;
  const donors = statesOf(document);
  let from = 0;
  for (const count of checkpoints.keys()) if (count <= to && count > from) from = count;
  let state = checkpoints.get(from) ?? base;
  for (const edit of edits.slice(from, to)) state = carryOut(state, edit, donors).state;
  return state;
}

const statesOf = ({ donors }: EditedDocument): Donors => new Map([...donors].map(([name, { state }]) => [name, state]));

function carryOut(
  state: StateDict,
  edit: Edit,
  donors: Donors,
): { readonly state: StateDict; readonly info: EditInfo } {
  const { op, args } = readEdit(edit);
  for (const name of donorsOf(args)) requireDonor(donors, name);
  const wrong = op.check(state, args, donors);
  if (wrong) throw new StateglassError(wrong);
  const title = op.title(args, state, donors);
  return { state: op.apply(state, args, donors), info: { op: edit.op, args, title } };
}

function requireDonor(donors: Donors, name: string): void {
  if (donors.has(name)) return;
  const detail =
    'the edit takes values from a document of this name, which is not here: open it too, or say where it is';
  throw new StateglassError({ kind: 'not-found', what: name, detail });
}

/** What a recipe file says it is. */
const RECIPE = 'stateglass recipe';

/**
 * The edits that hold, as a file to be replayed on another document. Documents that they take values from are listed by name:
 * where they are is said when it is replayed.
 */
export function writeRecipe({ log }: EditedDocument): string {
  const edits = log.edits.slice(0, log.cursor).map(({ op, args }) => ({ op, args }));
  return formatRecipe(edits, listDonors(edits));
}

/** The text of a recipe, with what else it says. */
export function formatRecipe(
  edits: readonly Edit[],
  donors: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): string {
  const recipe = { format: RECIPE, version: 1, ...more, ...(donors.length > 0 && { donors }), edits };
  return `${JSON.stringify(recipe, undefined, 2)}\n`;
}

/** The edits of a recipe; `listDonors` says whom they take values from. @throws `bad-input` for a text that is no recipe. */
export function readRecipe(text: string): readonly Edit[] {
  const refuse = (detail: string) => new StateglassError({ kind: 'bad-input', detail: `recipe: ${detail}` });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new StateglassError({ kind: 'bad-input', detail: `recipe: ${(cause as Error).message}` }, { cause });
  }
  const { format, version, edits } = (parsed ?? {}) as Record<string, unknown>;
  if (format !== RECIPE) throw refuse('it does not say that it is one');
  if (version !== 1) throw refuse(`version ${String(version)} is not known here`);
  if (!Array.isArray(edits)) throw refuse('its edits are no list');
  return edits.map((edit, i) => {
    if (typeof edit !== 'object' || edit === null || typeof (edit as Edit).op !== 'string')
      throw refuse(`edit ${i + 1} names no op`);
    return { op: (edit as Edit).op, args: (edit as Edit).args };
  });
}
