import { useEffect, useMemo, useRef, useState } from 'react';
import { create } from 'zustand';
import {
  type Correction,
  type ErrorInfo,
  findNode,
  type InputSpec,
  type NotRunnable,
  pathOfNode,
  type RunAnswer,
  type RunDescription,
  type RunTensor,
  toErrorInfo,
  type WantedBackend,
} from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { useCompare } from './compare.ts';
import { useEditLog } from './edits.ts';
import { engine, type OpenedDocument } from './engine.ts';
import { keepOutputs } from './kept-outputs.ts';
import { encodedText } from './resources.ts';
import { firstSample, givenTensor, type SampleChoice, type Sizes, shapeOf, toTensor } from './run-samples.ts';
import { runTask } from './tasks.ts';
import { useWorkspace } from './workspace.ts';

/** What a result is held against. */
export type Against = 'nothing' | 'before' | DocumentId;

/** How a person wants a module to be run. */
export interface RunForm {
  readonly corrections: readonly Correction[];
  readonly samples: Readonly<Record<string, SampleChoice>>;
  readonly sizes: Readonly<Record<string, Sizes>>;
  readonly backend: WantedBackend;
  /** Null: the other side of a comparison; else before the edits, when there are any. */
  readonly against: Against | null;
  /** Modules inside whose values are looked at. */
  readonly tap: string | null;
  readonly profile: boolean;
  /** How often WebGPU that failed was asked for again. */
  readonly attempt: number;
  /** Of a predictor: names of the fields that come out, where a person knows better than the guess. */
  readonly outputs: readonly string[] | null;
  /** It has been run, and runs again by itself whenever something changes. */
  readonly isRunning: boolean;
}

const FIRST: RunForm = {
  corrections: [],
  samples: {},
  sizes: {},
  backend: 'auto',
  against: null,
  tap: null,
  profile: false,
  attempt: 0,
  outputs: null,
  isRunning: false,
};

const useForms = create<{ readonly forms: Readonly<Record<string, RunForm>> }>(() => ({ forms: {} }));

/** By path: an edit that moves nodes does not take the form along to another module. */
const keyOf = (document: DocumentId, path: string): string => `${document} ${path}`;

export const useRunForm = (document: DocumentId, path: string): RunForm =>
  useForms((state) => state.forms[keyOf(document, path)] ?? FIRST);

export function changeRun(document: DocumentId, path: string, change: Partial<RunForm>): void {
  const key = keyOf(document, path);
  useForms.setState(({ forms }) => ({ forms: { ...forms, [key]: { ...FIRST, ...forms[key], ...change } } }));
}

export interface Described {
  readonly description?: RunDescription;
  readonly refused?: NotRunnable;
}

/** What the module is taken for; the one before stays until the next is known. */
export function useDescription(document: OpenedDocument, node: number, form: RunForm): Described {
  const { corrections, sizes, samples } = form;
  const [known, setKnown] = useState<Described & { readonly of?: string }>({});
  const of = keyOf(document.id, pathOfNode(document.tree, node));
  const inputs = known.of === of ? known.description?.inputs : undefined;
  const shapes = useMemo(
    () =>
      inputs &&
      Object.fromEntries(inputs.map((input) => [input.name, shapeOf(input, sizes[input.name], samples[input.name])])),
    [inputs, sizes, samples],
  );
  const isOffered = Object.keys(sizes).length === 0 && !Object.values(samples).some(givenTensor);
  const question = JSON.stringify({ corrections, shapes: isOffered ? undefined : shapes });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    engine()
      .describeRun({ document: document.id, node, ...JSON.parse(question) }, { signal })
      .then(
        (found) =>
          signal.aborted || setKnown({ of, ...('error' in found ? { refused: found } : { description: found }) }),
        (error: unknown) =>
          signal.aborted ||
          setKnown({ of, refused: { path: pathOfNode(document.tree, node), error: toErrorInfo(error), choices: [] } }),
      );
    return () => controller.abort();
  }, [document, node, question, of]);
  return known.of === of ? known : {};
}

export interface Result {
  readonly answer: RunAnswer;
  /** What it is held against. */
  readonly other?: RunAnswer;
  readonly otherError?: ErrorInfo;
}

export interface Ran {
  readonly result?: Result;
  readonly error?: ErrorInfo;
  /** Another answer is on its way. */
  readonly isStale: boolean;
}

/** The sample of an input as it is given now. */
export const sampleOf = (form: RunForm, input: InputSpec, description: RunDescription): SampleChoice =>
  form.samples[input.name] ?? firstSample(input, description.tokeniser);

/** A pause this long ends a burst of typing. */
const TYPING_PAUSE_MS = 120;

/** Runs what is asked for, again whenever the form or the document changes. Never two at once: of those that wait only the last is run. */
export function useRan(document: OpenedDocument, node: number, form: RunForm, description?: RunDescription): Ran {
  const against = useAgainst(document, form);
  const other = useWorkspace(({ documents }) => documents.find(({ id }) => id === against));
  const [ran, setRan] = useState<Omit<Ran, 'isStale'> & { readonly of?: Question }>({});
  const running = useRef(false);
  const latest = useRef<() => Promise<void>>(undefined);
  const question = useMemo(
    () => (form.isRunning && description ? { document, node, form, description, against, other } : undefined),
    [document, node, form, description, against, other],
  );
  useEffect(() => {
    if (!question) return;
    let isCurrent = true;
    const work = async () => {
      if (!isCurrent) return;
      try {
        const result = await answer(question);
        keepOutputs(question.document, result.answer);
        if (isCurrent) setRan({ result, of: question });
      } catch (error) {
        const info = toErrorInfo(error);
        if (isCurrent)
          setRan((before) => ({
            ...(info.kind === 'cancelled' && isSameModule(before.of, question) && before),
            error: info,
            of: question,
          }));
      }
    };
    latest.current = work;
    const timer = setTimeout(async () => {
      if (running.current) return;
      running.current = true;
      // What is newest when one is done is next.
      for (let next = latest.current; next; next = latest.current) {
        latest.current = undefined;
        await next();
      }
      running.current = false;
    }, TYPING_PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [question]);
  const { of, ...found } = ran;
  // What another module gave is not this one's.
  const isOwn = of?.document.id === document.id && of.description.path === pathOfNode(document.tree, node);
  return { ...(isOwn && found), isStale: question !== undefined && of !== question };
}

const isSameModule = (a: Question | undefined, b: Question): boolean =>
  a?.document.id === b.document.id && a.description.path === b.description.path;

interface Question {
  readonly document: OpenedDocument;
  readonly node: number;
  readonly form: RunForm;
  readonly description: RunDescription;
  readonly against: Against;
  readonly other: OpenedDocument | undefined;
}

async function answer({ document, node, form, description, against, other }: Question): Promise<Result> {
  const inputs: Record<string, RunTensor> = {};
  for (const input of description.inputs)
    inputs[input.name] = await toTensor(
      sampleOf(form, input, description),
      input,
      form.sizes[input.name],
      async (text) => (await encodedText(document.id, text)).ids,
    );
  const { corrections, backend, profile, attempt } = form;
  const taps = form.tap === null ? [] : [form.tap];
  const path = pathOfNode(document.tree, node);
  const beside = against !== 'nothing' && ({ beside: against === 'before' ? 'before' : 'other' } as const);
  const ask = (of: DocumentId, at: number, unedited = false) =>
    runTask(`Run ${path || document.name}`, (options) =>
      engine().runModule(
        { document: of, node: at, corrections, backend, profile, attempt, inputs, taps, unedited, ...beside },
        options,
      ),
    );
  const found = await ask(document.id, node);
  if (against === 'nothing') return { answer: found };
  try {
    if (against === 'before') return { answer: found, other: await ask(document.id, node, true) };
    const at = other && findNode(other.tree, path);
    if (at === undefined) return { answer: found, otherError: absent(path) };
    return { answer: found, other: await ask(against, at) };
  } catch (error) {
    return { answer: found, otherError: toErrorInfo(error) };
  }
}

export const absent = (path: string): ErrorInfo => ({
  kind: 'not-found',
  what: path,
  detail: 'the other document has no such module',
});

/** What the result is held against: what was chosen, while it is there. */
export function useAgainst({ id }: OpenedDocument, { against }: RunForm): Against {
  const documents = useWorkspace((state) => state.documents);
  const pair = useCompare((state) => state.pair);
  const hasEdits = useEditLog(id).cursor > 0;
  const isOpen = documents.some((document) => document.id === against);
  if (against !== null && (against !== 'before' || hasEdits) && (typeof against === 'string' || isOpen)) return against;
  if (against === null && pair?.a === id) return pair.b;
  if (against === null && pair?.b === id) return pair.a;
  return against === null && hasEdits ? 'before' : 'nothing';
}
