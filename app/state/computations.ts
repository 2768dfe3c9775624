import { create } from 'zustand';
import { type ErrorInfo, toErrorInfo } from '../../src-core/index.ts';
import type { CallOptions, DocumentId } from '../engine/api.ts';
import { runTask } from './tasks.ts';

/** Something computed from many bytes: what is known of it, and how far it is. */
export interface Computation<T> {
  readonly status: 'running' | 'done' | 'failed' | 'cancelled';
  /** The result; part of it while it runs, or when it was cancelled. */
  readonly value?: T;
  readonly error?: ErrorInfo;
  /** Bytes. */
  readonly done: number;
  readonly total: number;
  readonly seconds: number;
  /** A person asked for it by name: it goes on when they look elsewhere, and stands among the tasks. */
  readonly asked: boolean;
}

interface ComputationState {
  readonly all: Readonly<Record<string, Computation<unknown>>>;
}

const useComputations = create<ComputationState>(() => ({ all: {} }));
const controllers = new Map<string, AbortController>();

/** Enough for stepping through neighbours and back; the distribution of one tensor may be a megabyte. */
const KEPT = 32;

/** Where a computation is kept; `what` says which one of the document's. */
export const computationKey = (document: DocumentId, what: string): string => `${document}/${what}`;

export const useComputation = <T>(key: string): Computation<T> | undefined =>
  useComputations((state) => state.all[key] as Computation<T> | undefined);

export const computationOf = <T>(key: string): Computation<T> | undefined =>
  useComputations.getState().all[key] as Computation<T> | undefined;

/** All there is of a document, by what it is of it. */
export const computationsOf = (document: DocumentId): readonly (readonly [what: string, Computation<unknown>])[] =>
  Object.entries(useComputations.getState().all).flatMap(([key, one]) =>
    key.startsWith(`${document}/`) ? [[key.slice(`${document}/`.length), one] as const] : [],
  );

/** What is known stands for another document's too. */
export function keepComputation(document: DocumentId, what: string, key: string): void {
  const known = computationOf(computationKey(document, what));
  if (known) useComputations.setState(({ all }) => ({ all: { ...all, [key]: known } }));
}

function change(key: string, update: Partial<Computation<unknown>>): void {
  useComputations.setState(({ all }) => {
    const known = all[key];
    return known ? { all: { ...all, [key]: { ...known, ...update } } } : {};
  });
}

function drop(keys: readonly string[]): void {
  useComputations.setState(({ all }) => ({
    all: Object.fromEntries(Object.entries(all).filter(([key]) => !keys.includes(key))),
  }));
}

interface Work<T> {
  readonly key: string;
  /** Its name among the tasks. */
  readonly title: string;
  readonly asked: boolean;
  run(call: Required<CallOptions>, tell: (value: T) => void): Promise<T>;
}

/** Starts a computation unless it runs or is done. It never rejects: what went wrong is its status. */
export async function compute<T>({ key, title, asked, run }: Work<T>): Promise<void> {
  const before = computationOf<T>(key);
  if (before?.status === 'running' || before?.status === 'done') return;
  const controller = new AbortController();
  controllers.set(key, controller);
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const isCurrent = () => controllers.get(key) === controller;
  useComputations.setState(({ all }) => {
    const { [key]: _old, ...rest } = all;
    const running: Computation<T> = { status: 'running', done: 0, total: 0, seconds: 0, asked };
    return { all: { ...rest, [key]: running } };
  });
  const attempt = (call: Required<CallOptions>) =>
    run(
      {
        signal: AbortSignal.any([call.signal, controller.signal]),
        onProgress(progress) {
          call.onProgress(progress);
          if (isCurrent()) change(key, { done: progress.done, total: progress.total, seconds: seconds() });
        },
      },
      (value) => isCurrent() && change(key, { value }),
    );
  try {
    const quiet: Required<CallOptions> = { signal: controller.signal, onProgress: () => undefined };
    const value = await (asked ? runTask(title, attempt) : attempt(quiet));
    if (isCurrent()) change(key, { status: 'done', value, seconds: seconds() });
  } catch (error) {
    const info = toErrorInfo(error);
    if (!isCurrent()) return;
    if (info.kind === 'cancelled') change(key, { status: 'cancelled', seconds: seconds() });
    else change(key, { status: 'failed', error: info, seconds: seconds() });
  } finally {
    if (isCurrent()) controllers.delete(key);
    dropOldest();
  }
}

function dropOldest(): void {
  const finished = Object.entries(useComputations.getState().all).filter(([, one]) => one.status !== 'running');
  if (finished.length > KEPT) drop(finished.slice(0, finished.length - KEPT).map(([key]) => key));
}

/** What is done so far stays. */
export const cancelComputation = (key: string): void => controllers.get(key)?.abort();

/** Nobody looks any more: what nobody asked for by name ends, and leaves no trace. */
export function leaveComputation(key: string): void {
  const running = computationOf(key);
  if (running?.status !== 'running' || running.asked) return;
  stop(key);
  drop([key]);
}

/** What it told of is another by now. */
export function forgetComputation(key: string): void {
  stop(key);
  drop([key]);
}

function stop(key: string): void {
  const controller = controllers.get(key);
  controllers.delete(key);
  controller?.abort();
}

/** The document was closed. */
export function dropComputations(document: DocumentId): void {
  const keys = Object.keys(useComputations.getState().all).filter((key) => key.startsWith(`${document}/`));
  for (const key of keys) stop(key);
  drop(keys);
}
