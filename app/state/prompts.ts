import { create } from 'zustand';
import type { DetectedTemplate, TemplateKind, TemplateValue } from '../../src-core/index.ts';
import type { DocumentId, RenderedTemplate } from '../engine/api.ts';
import { engine } from './engine.ts';
import { readSample, sampleText, sampleValue } from './sample-values.ts';
import { useWorkspace } from './workspace.ts';

/** Values that a person gave to variables, by name: they hold for every prompt of a document while it is open. */
export type Samples = Readonly<Record<string, string>>;

interface PromptsState {
  readonly samples: Readonly<Record<DocumentId, Samples>>;
  /** Kinds that a person chose against the guess, by document and key. */
  readonly kinds: Readonly<Record<DocumentId, Readonly<Record<string, TemplateKind>>>>;
}

export const usePrompts = create<PromptsState>(() => ({ samples: {}, kinds: {} }));

const NONE = {};
export const useSamples = (document: DocumentId): Samples => usePrompts(({ samples }) => samples[document] ?? NONE);
export const useChosenKind = (document: DocumentId, key: string): TemplateKind | undefined =>
  usePrompts(({ kinds }) => kinds[document]?.[key]);

export const giveSample = (document: DocumentId, name: string, text: string): void =>
  usePrompts.setState(({ samples }) => ({
    samples: { ...samples, [document]: { ...samples[document], [name]: text } },
  }));

export const chooseKind = (document: DocumentId, key: string, kind: TemplateKind): void =>
  usePrompts.setState(({ kinds }) => ({ kinds: { ...kinds, [document]: { ...kinds[document], [key]: kind } } }));

/** What a prompt is, and what it comes to with values for its variables. */
export interface PromptPreview {
  readonly detected: DetectedTemplate;
  /** Variables to give, with what is typed for them or proposed. */
  readonly fields: readonly { readonly name: string; readonly text: string }[];
  readonly rendered: RenderedTemplate;
  /** The same of the text as it was read; absent while that is the same text. */
  readonly asRead?: RenderedTemplate;
}

interface PromptQuestion {
  readonly text: string;
  readonly asRead?: string | undefined;
  readonly kind: TemplateKind | undefined;
  readonly samples: Samples;
}

export async function previewPrompt({ text, asRead, kind, samples }: PromptQuestion): Promise<PromptPreview> {
  const detected = await engine().detectTemplate(text, kind);
  const before = asRead === undefined || asRead === text ? undefined : await engine().detectTemplate(asRead, kind);
  const fields = fieldsOf(detected, samples);
  const render = (of: string, as: DetectedTemplate) =>
    engine().renderTemplate({ text: of, kind: as.kind, variables: valuesOf(fieldsOf(as, samples)) });
  const [rendered, was] = await Promise.all([
    render(text, detected),
    before && asRead !== undefined ? render(asRead, before) : undefined,
  ]);
  return { detected, fields, rendered, ...(was && { asRead: was }) };
}

/** What the template may set itself is given only by a person who says so. */
const fieldsOf = ({ variables, assigned, shapes }: DetectedTemplate, samples: Samples): PromptPreview['fields'] =>
  variables
    .filter((name) => !assigned.includes(name) || name === 'messages' || name in samples)
    .map((name) => ({ name, text: samples[name] ?? sampleText(sampleValue(name, shapes[name])) }));

const valuesOf = (fields: PromptPreview['fields']): Record<string, TemplateValue> =>
  Object.fromEntries(fields.map(({ name, text }) => [name, readSample(text)]));

// What was given for a document that is closed is of no use any more.
useWorkspace.subscribe(({ documents }) => {
  const { samples, kinds } = usePrompts.getState();
  const isOpen = ([id]: [string, unknown]) => documents.some((document) => document.id === Number(id));
  const keep = <T>(of: Readonly<Record<DocumentId, T>>) => Object.fromEntries(Object.entries(of).filter(isOpen));
  if (![...Object.entries(samples), ...Object.entries(kinds)].every(isOpen))
    usePrompts.setState({ samples: keep(samples), kinds: keep(kinds) });
});
