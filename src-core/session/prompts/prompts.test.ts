import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJsonText } from '../../model/json-text.ts';
import type { JsonNode } from '../../model/state-dict.ts';
import { guessSignature, inferPrefix, type WrittenField } from '../../template/dspy-signature.ts';
import type { MsgfluxParts } from '../../template/msgflux-prompt.ts';
import type { PromptMessage } from '../../template/prompt-message.ts';
import type { TemplateValue } from '../../template/python-words.ts';
import type { PromptState } from './read-prompt.ts';
import { describePrompt, renderPrompt } from './render-prompt.ts';

interface DspyCase {
  readonly name: string;
  readonly signature: { readonly instructions: string; readonly fields: readonly WrittenField[] };
  readonly demos: readonly unknown[];
  readonly names: readonly string[];
  readonly outputs: readonly string[];
  readonly inputs: Readonly<Record<string, TemplateValue>>;
  readonly messages: readonly PromptMessage[];
}
interface MsgfluxCase {
  readonly parts: MsgfluxParts;
  readonly context_cache?: string;
  readonly prefilling?: string;
  readonly variables: Readonly<Record<string, TemplateValue>>;
  readonly messages: readonly PromptMessage[];
}

const golden = <Case>(name: string): readonly Case[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../fixtures/templates/${name}.json`), 'utf8')).entries;
const stateOf = ({ signature: { instructions, fields }, demos }: DspyCase): PromptState => ({
  kind: 'DSPy predictor',
  instructions,
  fields,
  demos: (readJsonText(JSON.stringify(demos), 'demos') as Extract<JsonNode, { kind: 'array' }>).items,
});

describe.each(golden<DspyCase>('dspy-messages'))('a predictor of DSPy: $name', (one) => {
  test('its fields have the names that DSPy has for them', () => {
    const { fields } = describePrompt(stateOf(one));
    expect(fields?.map(({ name }) => name)).toEqual(one.names);
  });

  test('it sends what DSPy sends', () => {
    const { inputs: variables, outputs } = one;
    expect(renderPrompt(stateOf(one), { variables, outputs })).toEqual({ messages: one.messages });
  });

  test('what goes in is asked for, and nothing else', () => {
    expect(describePrompt(stateOf(one), one.outputs).variables).toEqual(Object.keys(one.inputs));
  });
});

test('what is a list in an example is taken for a list', () => {
  const [, one] = golden<DspyCase>('dspy-messages');
  expect(describePrompt(stateOf(one!)).shapes).toEqual({ passages: { items: {} } });
});

test('what comes out is told by default instructions, by reasoning, or is the last field', () => {
  const field = (name: string): WrittenField => ({ prefix: `${inferPrefix(name)}:`, description: `\${${name}}` });
  const outputsOf = (instructions: string, ...names: readonly string[]) =>
    guessSignature(instructions, names.map(field), [])
      .fields.filter(({ isOutput }) => isOutput)
      .map(({ name }) => name);
  expect(outputsOf('Given the fields `a`, produce the fields `b`, `c`.', 'a', 'b', 'c')).toEqual(['b', 'c']);
  expect(outputsOf('Given the fields `a`, produce the fields `c`.', 'a', 'reasoning', 'c')).toEqual(['reasoning', 'c']);
  expect(outputsOf('Be kind.', 'a', 'reasoning', 'b', 'c')).toEqual(['reasoning', 'b', 'c']);
  expect(outputsOf('Be kind.', 'a', 'b', 'c')).toEqual(['c']);
});

test.each(golden<MsgfluxCase>('msgflux-messages'))('an agent of msgflux with $parts', (one) => {
  const { parts, context_cache: context = '', prefilling = '', variables, messages } = one;
  expect(renderPrompt({ kind: 'msgflux agent', parts, context, prefilling }, { variables })).toEqual({ messages });
});

test('an agent asks for what its texts name, and for a task', () => {
  const state: PromptState = {
    kind: 'msgflux agent',
    parts: { instructions: '{% for rule in rules %}{{ rule.text }}{% endfor %}' },
    context: 'For {{ company }}.',
    prefilling: '',
  };
  expect(describePrompt(state).variables).toEqual(['rules', 'company', 'task']);
  expect(describePrompt(state).shapes.rules).toBeDefined();
});

test('texts by names that say whose they are: each is rendered as what it is', () => {
  const texts = [
    { name: 'system_prompt', role: 'system', text: 'Be {{ manner }}.' },
    { name: 'user', role: 'user', text: 'Translate {text}' },
  ] as const;
  const state: PromptState = { kind: 'prompts', texts };
  expect(describePrompt(state).variables).toEqual(['manner', 'text']);
  expect(renderPrompt(state, { variables: { manner: 'kind', text: 'it' } })).toEqual({
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Translate it' },
    ],
  });
  const broken = renderPrompt({ kind: 'prompts', texts: [{ ...texts[0], text: '{% if %}' }] }, { variables: {} });
  expect('error' in broken && broken.error).toMatchObject({ kind: 'template' });
});
