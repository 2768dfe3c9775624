import type { TemplateValue, VariableShape } from '../../src-core/index.ts';

/** Values that are proposed by name: enough to see what a prompt comes to. */
const BY_NAME: Readonly<Record<string, TemplateValue>> = {
  question: 'How long does a bicycle chain last?',
  query: 'bicycle chain wear',
  context: 'A bicycle chain wears out after 3,000 to 5,000 km.',
  passage: 'A bicycle chain wears out after 3,000 to 5,000 km.',
  document: 'A bicycle chain wears out after 3,000 to 5,000 km.',
  text: 'A bicycle chain wears out after 3,000 to 5,000 km.',
  content: 'A bicycle chain wears out after 3,000 to 5,000 km.',
  answer: 'After 3,000 to 5,000 km.',
  history: 'User: Hello!\nAssistant: Hello, what can I do for you?',
  user: 'Ada Lovelace',
  user_name: 'Ada Lovelace',
  name: 'Ada Lovelace',
  first_name: 'Ada',
  role: 'user',
  language: 'French',
  topic: 'bicycles',
  task: 'Answer the question.',
  title: 'Bicycle chains',
  source: 'manual.pdf',
  date: '2026-01-31',
  date_string: '31 Jan 2026',
  bos_token: '<s>',
  eos_token: '</s>',
  pad_token: '<pad>',
  add_generation_prompt: true,
  tools: null,
  custom_tools: null,
  documents: null,
};

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

const CONVERSATION: readonly ChatMessage[] = [
  { role: 'system', content: 'You are a helpful assistant.' },
  { role: 'user', content: 'How long does a bicycle chain last?' },
  { role: 'assistant', content: 'About 3,000 to 5,000 km.' },
  { role: 'user', content: 'And a tyre?' },
];

/** A value to begin with, of the shape that the template takes it for. */
export function sampleValue(name: string, shape: VariableShape | undefined): TemplateValue {
  if (name === 'messages') return CONVERSATION as unknown as TemplateValue;
  const known = BY_NAME[name];
  if (known === null || known === true) return known;
  if (shape?.fields) {
    const members = Object.entries(shape.fields).map(([field, inner]) => [field, sampleValue(field, inner)] as const);
    return Object.fromEntries(members);
  }
  if (shape?.items) {
    const one = sampleValue(name.replace(/s$/, ''), shape.items);
    return [one, one];
  }
  return known ?? `‹${name}›`;
}

/** A value as a person types it: words as they are, everything else as JSON. */
export const sampleText = (value: TemplateValue): string =>
  typeof value === 'string' && readSample(value) === value ? value : JSON.stringify(value, undefined, 1);

/** What a person typed: JSON where it is that, words otherwise. */
export function readSample(text: string): TemplateValue {
  try {
    return JSON.parse(text) as TemplateValue;
  } catch {
    return text;
  }
}

/** A conversation, where a value is one that can be edited message by message. */
export function readConversation(value: TemplateValue): readonly ChatMessage[] | undefined {
  const isMessage = (item: TemplateValue): boolean =>
    typeof item === 'object' &&
    item !== null &&
    !Array.isArray(item) &&
    Object.entries(item).length === 2 &&
    typeof (item as { role?: unknown }).role === 'string' &&
    typeof (item as { content?: unknown }).content === 'string';
  return Array.isArray(value) && value.every(isMessage) ? (value as unknown as ChatMessage[]) : undefined;
}
