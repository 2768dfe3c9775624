import { useEffect, useRef, useState } from 'react';
import { create } from 'zustand';
import {
  type ErrorInfo,
  type LoadOptions,
  type LoadStatus,
  listLoadPolicies,
  type PolicyId,
  type RenameRule,
  toErrorInfo,
} from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import type {
  LoadColumn,
  LoadProposal,
  LoadRequest,
  LoadSideRequest,
  LoadVerdict,
  PlannedLoad,
} from '../engine/load-api.ts';
import { useCompare } from './compare.ts';
import { editLogOf, makeEdit, moveEdits } from './edits.ts';
import { engine } from './engine.ts';
import { addNotice, useWorkspace } from './workspace.ts';

export type { LoadColumn, LoadProposal, LoadVerdict, PlannedLoad };

/** One side of a load: an open document, or what was pasted. */
export type LoadEnd = DocumentId | 'text';

export interface LoadEnds {
  /** What is loaded into. */
  readonly target: LoadEnd;
  readonly source: LoadEnd;
}

interface LoadState {
  /** As a person chose them. */
  readonly chosen: LoadEnds | null;
  readonly text: string;
  /** Null: the one that goes with the source. */
  readonly policy: PolicyId | null;
  /** Every policy in a line, instead of one in full. */
  readonly isSurvey: boolean;
  readonly map: readonly RenameRule[];
  readonly weightAlignment: number;
  readonly overrideQuantizationEncoding: boolean;
  readonly className: string;
  /** Edits that were just made so that it loads, and where the log stood before. */
  readonly made: { readonly document: DocumentId; readonly count: number; readonly cursor: number } | null;
}

export const useLoad = create<LoadState>(() => ({
  chosen: null,
  text: '',
  policy: null,
  isSurvey: false,
  map: [],
  weightAlignment: 0,
  overrideQuantizationEncoding: false,
  className: '',
  made: null,
}));

export const changeLoad = (change: Partial<Omit<LoadState, 'made'>>): void =>
  useLoad.setState({ ...change, made: null });

export const LOAD_POLICIES = listLoadPolicies();
export const policyOf = (id: PolicyId) => LOAD_POLICIES.find((policy) => policy.id === id) ?? LOAD_POLICIES[0]!;

/** Both ends, for the document that is looked at: B into A while two are compared, else it into another or into what is pasted. */
export function useLoadEnds(shown: DocumentId): LoadEnds {
  const chosen = useLoad((state) => state.chosen);
  const pair = useCompare((state) => state.pair);
  const documents = useWorkspace((state) => state.documents);
  const isOpen = (end: LoadEnd) => end === 'text' || documents.some(({ id }) => id === end);
  if (chosen && isOpen(chosen.target) && isOpen(chosen.source)) {
    const ids: readonly LoadEnd[] = pair ? [pair.a, pair.b] : [shown];
    if (ids.includes(chosen.target) || ids.includes(chosen.source)) return chosen;
  }
  if (pair) return { target: pair.a, source: pair.b };
  return { target: documents.find(({ id }) => id !== shown)?.id ?? 'text', source: shown };
}

/** Puts another end in a place; the one that is there already changes places with it. */
export function chooseEnd(ends: LoadEnds, place: keyof LoadEnds, end: LoadEnd): void {
  const other = place === 'target' ? 'source' : 'target';
  const chosen = ends[other] === end ? { ...ends, [other]: ends[place], [place]: end } : { ...ends, [place]: end };
  changeLoad({ chosen });
}

export const swapEnds = ({ target, source }: LoadEnds): void =>
  changeLoad({ chosen: { target: source, source: target } });

const sideOf = (end: LoadEnd, text: string): LoadSideRequest => (end === 'text' ? { text } : { document: end });

/** The policy that was chosen, else that of the system which writes such files. */
export function useLoadPolicy({ source }: LoadEnds): PolicyId {
  const policy = useLoad((state) => state.policy);
  const document = useWorkspace(({ documents }) => documents.find(({ id }) => id === source));
  if (policy) return policy;
  if (!document || document.summary.tensors > 0) return 'torch-strict';
  return document.dialect === 'dspy' ? 'dspy' : 'msgflux';
}

/** What is asked of the engine; undefined while nothing is pasted. */
function requestOf(ends: LoadEnds, policy: PolicyId, state: LoadState): LoadRequest | undefined {
  const { text, weightAlignment, overrideQuantizationEncoding, className } = state;
  if ((ends.target === 'text' || ends.source === 'text') && text.trim() === '') return undefined;
  const map = state.map.filter(({ pattern }) => pattern !== '');
  const isMax = policy.startsWith('max') || state.isSurvey;
  const options: LoadOptions = {
    ...(map.length > 0 && { map }),
    ...(isMax && weightAlignment > 0 && { weightAlignment }),
    ...(isMax && overrideQuantizationEncoding && { overrideQuantizationEncoding }),
    ...(className.trim() !== '' && { className: className.trim() }),
  };
  return { target: sideOf(ends.target, text), source: sideOf(ends.source, text), policy, options };
}

/** What is asked, as a text that changes whenever the answer may: a document that was edited is another. */
export function useLoadQuestion(ends: LoadEnds): string | undefined {
  const state = useLoad();
  const policy = useLoadPolicy(ends);
  const documents = useWorkspace((workspace) => workspace.documents);
  const request = requestOf(ends, policy, state);
  if (!request) return undefined;
  const states = [ends.target, ends.source].map((end) => {
    const document = documents.find(({ id }) => id === end);
    return document && stampOf(document);
  });
  return JSON.stringify({ request, states });
}

/** A number for every state of a document that was looked at. */
const stamps = new WeakMap<object, number>();
let lastStamp = 0;
function stampOf(document: object): number {
  let stamp = stamps.get(document);
  if (stamp === undefined) {
    stamp = ++lastStamp;
    stamps.set(document, stamp);
  }
  return stamp;
}

const requestIn = (question: string): LoadRequest =>
  (JSON.parse(question) as { readonly request: LoadRequest }).request;

/** A pause this long ends a burst of typing. */
const TYPING_PAUSE_MS = 150;

export interface Planned {
  /** The one before stays until the next is here. */
  readonly load?: PlannedLoad;
  readonly error?: ErrorInfo;
  readonly isStale: boolean;
}

/** What the load comes to, asked anew whenever something changes. */
export function usePlannedLoad(question: string | undefined): Planned {
  const isFirst = useRef(true);
  const [answer, setAnswer] = useState<Omit<Planned, 'isStale'> & { readonly of?: string }>({});
  useEffect(() => {
    if (question === undefined) return setAnswer({});
    const controller = new AbortController();
    const { signal } = controller;
    let id: DocumentId | undefined;
    const timer = setTimeout(
      () => {
        engine()
          .planLoad(requestIn(question), { signal })
          .then(
            (load) => {
              id = load.id;
              if (signal.aborted) closeLoad(id);
              else setAnswer({ load, of: question });
            },
            (error: unknown) => signal.aborted || setAnswer({ error: toErrorInfo(error), of: question }),
          );
      },
      isFirst.current ? 0 : TYPING_PAUSE_MS,
    );
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      controller.abort();
      // Its rows are on screen until the next answer is here.
      if (id !== undefined) setTimeout(closeLoad, KEPT_MS, id);
    };
  }, [question]);
  const { of, ...planned } = answer;
  return { ...planned, isStale: of !== question };
}

const KEPT_MS = 10_000;
const closeLoad = (id: DocumentId): void =>
  void engine()
    .close(id)
    .catch(() => undefined);

/** What every policy would do, line by line as they are known. */
export function useLoadSurvey(question: string | undefined): {
  readonly verdicts: ReadonlyMap<PolicyId, LoadVerdict>;
  readonly error?: ErrorInfo;
} {
  const [survey, setSurvey] = useState<ReturnType<typeof useLoadSurvey>>({ verdicts: new Map() });
  useEffect(() => {
    if (question === undefined) return setSurvey({ verdicts: new Map() });
    const controller = new AbortController();
    const { signal } = controller;
    const { policy: _, ...request } = requestIn(question);
    const verdicts = new Map<PolicyId, LoadVerdict>();
    const timer = setTimeout(() => {
      engine()
        .surveyLoads(request, {
          signal,
          onItem(verdict) {
            if (signal.aborted) return;
            verdicts.set(verdict.policy, verdict);
            setSurvey({ verdicts: new Map(verdicts) });
          },
        })
        .catch((error: unknown) => signal.aborted || setSurvey({ verdicts, error: toErrorInfo(error) }));
    }, TYPING_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [question]);
  return survey;
}

export interface LoadView {
  readonly show: LoadStatus | 'changed' | 'all';
  readonly text: string;
  readonly sort: { readonly column: LoadColumn; readonly descending: boolean } | null;
}

/** Rows of a load as a person wants them; undefined until they are here. */
export function useLoadOrder(load: PlannedLoad, { show, text, sort }: LoadView): Uint32Array<ArrayBuffer> | undefined {
  const [order, setOrder] = useState<{ readonly of: DocumentId; readonly rows: Uint32Array<ArrayBuffer> }>();
  const { id } = load;
  useEffect(() => {
    let isCurrent = true;
    engine()
      .loadRows({ load: id, text, ...(show !== 'all' && { show }), ...sort })
      .then((rows) => isCurrent && setOrder({ of: id, rows }))
      // It was closed: another one is on its way.
      .catch(() => undefined);
    return () => {
      isCurrent = false;
    };
  }, [id, show, text, sort]);
  return order?.of === id ? order.rows : undefined;
}

/** Edits that would let it load. */
export const proposeLoad = (question: string): Promise<LoadProposal> => engine().proposeLoad(requestIn(question));

/** Makes proposed edits one after the other. The first that cannot be made ends it; those before it can be undone. */
export async function makeProposed(document: DocumentId, { edits }: LoadProposal): Promise<void> {
  const { cursor } = editLogOf(document);
  let count = 0;
  try {
    for (const { op, args } of edits) {
      await makeEdit(document, { op, args });
      count++;
    }
    // The rules are among the edits now.
    useLoad.setState({ map: [] });
  } catch (error) {
    const name = useWorkspace.getState().documents.find(({ id }) => id === document)?.name ?? 'document';
    addNotice({ file: name, error: toErrorInfo(error) });
  }
  useLoad.setState({ made: { document, count, cursor } });
}

/** Takes back what `makeProposed` made. */
export async function undoProposed(): Promise<void> {
  const { made } = useLoad.getState();
  if (!made) return;
  useLoad.setState({ made: null });
  await moveEdits(made.document, () => made.cursor);
}
