import { create } from 'zustand';
import { type EntryId, type ErrorInfo, type Problem, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import { engine } from './engine.ts';
import { markEntries } from './explorer.ts';
import { runTask } from './tasks.ts';

/** How far the values of a document are checked. Cancelled and failed: what was found until then is kept. */
export type ValuePhase =
  | { readonly is: 'unchecked' }
  | { readonly is: 'checking'; readonly done: number; readonly total: number; readonly cancel: () => void }
  | { readonly is: 'checked'; readonly bytes: number; readonly seconds: number }
  | { readonly is: 'cancelled'; readonly done: number; readonly total: number }
  | { readonly is: 'failed'; readonly error: ErrorInfo };

export interface Health {
  /** Undefined while names and shapes are looked at for the first time. */
  readonly structure?: readonly Problem[];
  /** Why they cannot be. */
  readonly error?: ErrorInfo | undefined;
  readonly found: readonly Problem[];
  readonly values: ValuePhase;
}

interface HealthState {
  readonly health: Readonly<Record<DocumentId, Health>>;
}

const UNKNOWN: Health = { found: [], values: { is: 'unchecked' } };
const NONE: readonly Problem[] = [];
/** Up to this many entries names and shapes are checked when a document is opened: some 30 ms of the engine's time. */
const AT_ONCE = 20_000;

export const useHealthStore = create<HealthState>(() => ({ health: {} }));
const joined = new WeakMap<Health, readonly Problem[]>();

export const healthOf = (document: DocumentId): Health => useHealthStore.getState().health[document] ?? UNKNOWN;

export const useHealth = (document: DocumentId): Health => useHealthStore((state) => state.health[document] ?? UNKNOWN);

/** All that is wrong, as far as it is known: what names and shapes tell, then what values tell. */
export function problemsOf(health: Health): readonly Problem[] {
  const all = joined.get(health) ?? [...(health.structure ?? NONE), ...health.found];
  joined.set(health, all);
  return all;
}

/** Errors and warnings; undefined until names and shapes are checked. */
export const useProblemCount = (document: DocumentId): number | undefined =>
  useHealthStore(({ health }) => {
    const known = health[document];
    return known?.structure && problemsOf(known).filter(({ severity }) => severity !== 'note').length;
  });

/** What is wrong with one entry. */
export function problemsOfEntry(health: Health, entry: EntryId): readonly Problem[] {
  return problemsOf(health).filter((problem) => problem.entry === entry);
}

function change(document: DocumentId, update: (health: Health) => Partial<Health>): void {
  useHealthStore.setState(({ health }) => {
    const before = health[document];
    return before ? { health: { ...health, [document]: { ...before, ...update(before) } } } : {};
  });
}

/** A document was opened. A large one is looked at when a person asks for it: the engine has better to do now. */
export function addHealth(document: OpenedDocument): void {
  useHealthStore.setState(({ health }) => ({ health: { ...health, [document.id]: UNKNOWN } }));
  if (document.tree.entryCount <= AT_ONCE) void checkDocument(document);
}

export function dropHealth(id: DocumentId): void {
  const { values } = useHealthStore.getState().health[id] ?? UNKNOWN;
  if (values.is === 'checking') values.cancel();
  useHealthStore.setState(({ health: { [id]: _, ...rest } }) => ({ health: rest }));
}

const asked = new Set<DocumentId>();

/** Looks at names and shapes, once. */
export async function checkDocument(document: OpenedDocument): Promise<void> {
  const { id } = document;
  if (asked.has(id) || useHealthStore.getState().health[id]?.structure) return;
  asked.add(id);
  change(id, () => ({ error: undefined }));
  try {
    const structure = await engine().health(id);
    markEntries(id, structure);
    change(id, () => ({ structure }));
  } catch (error) {
    change(id, () => ({ error: toErrorInfo(error) }));
  } finally {
    asked.delete(id);
  }
}

/** Reads all values. What is found is shown as it is found; stopping keeps it. */
export async function checkDocumentValues(document: OpenedDocument): Promise<void> {
  const { id, name } = document;
  const started = performance.now();
  let [done, total] = [0, 0];
  change(id, () => ({ found: [] }));
  try {
    const found = await runTask(`Checking ${name}`, ({ signal, onProgress }) => {
      const stop = new AbortController();
      const phase = () => change(id, () => ({ values: { is: 'checking', done, total, cancel: () => stop.abort() } }));
      phase();
      return engine().checkValues(id, {
        signal: AbortSignal.any([signal, stop.signal]),
        onProgress(progress) {
          ({ done, total } = progress);
          onProgress(progress);
          phase();
        },
        onItem: (problem) => change(id, (before) => ({ found: [...before.found, problem] })),
      });
    });
    markEntries(id, found);
    const seconds = (performance.now() - started) / 1000;
    change(id, () => ({ found, values: { is: 'checked', bytes: total, seconds } }));
  } catch (error) {
    const info = toErrorInfo(error);
    const values: ValuePhase =
      info.kind === 'cancelled' ? { is: 'cancelled', done, total } : { is: 'failed', error: info };
    change(id, () => ({ values }));
  }
}
