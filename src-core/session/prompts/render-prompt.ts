import { type ErrorInfo, StateglassError, toErrorInfo } from '../../base/errors.ts';
import { readJsonText } from '../../model/json-text.ts';
import type { JsonNode } from '../../model/state-dict.ts';
import { assembleDspyMessages } from '../../template/dspy-messages.ts';
import { type DspyField, guessSignature } from '../../template/dspy-signature.ts';
import type { VariableShapes } from '../../template/find-shapes.ts';
import { assembleMsgfluxMessages, assembleSystemPrompt, tidyLines } from '../../template/msgflux-prompt.ts';
import type { PromptMessage } from '../../template/prompt-message.ts';
import type { TemplateValue } from '../../template/python-words.ts';
import { type DetectedTemplate, detectTemplate, renderTemplate } from '../../template/template.ts';
import type { PromptState } from './read-prompt.ts';

/** What has to be given before it can be said. */
export interface PromptDescription {
  readonly kind: PromptState['kind'];
  /** Names that have to be given, each once, in the order they are met. */
  readonly variables: readonly string[];
  readonly shapes: VariableShapes;
  /** Of a predictor: its fields, and why some of them are taken for outputs. */
  readonly fields?: readonly DspyField[];
  readonly why?: string;
}

export interface PromptValues {
  readonly variables: Readonly<Record<string, TemplateValue>>;
  /** Names of fields that come out, where a person knows better. */
  readonly outputs?: readonly string[];
}

export type RenderedPrompt = { readonly messages: readonly PromptMessage[] } | { readonly error: ErrorInfo };

/** The words of a person that an agent answers. */
const TASK = 'task';

export function describePrompt(state: PromptState, outputs?: readonly string[]): PromptDescription {
  const { kind } = state;
  if (state.kind === 'DSPy predictor') {
    const { fields, why } = guessSignature(state.instructions, state.fields, state.demos, outputs);
    const variables = fields.filter(({ isOutput }) => !isOutput).map(({ name }) => name);
    return { kind, variables, shapes: shapesIn(state.demos), fields, why };
  }
  const templates =
    state.kind === 'msgflux agent'
      ? [detectTemplate(assembleSystemPrompt(state.parts), 'jinja'), detectTemplate(state.context, 'jinja')]
      : state.texts.map(({ text }) => detectTemplate(text));
  const also = kind === 'msgflux agent' ? [TASK] : [];
  return {
    kind,
    variables: [...new Set([...templates.flatMap(asked), ...also])],
    shapes: Object.assign({}, ...templates.map(({ shapes }) => shapes)) as VariableShapes,
  };
}

/** Types of fields are no state: what is a list in an example is taken for one. */
const shapesIn = (demos: readonly JsonNode[]): VariableShapes => {
  const members = demos.flatMap((demo) => (demo.kind === 'object' ? demo.members : []));
  return Object.fromEntries(members.flatMap(([name, { kind }]) => (kind === 'array' ? [[name, { items: {} }]] : [])));
};

/** What a template may set itself need not be given. */
const asked = ({ variables, assigned }: DetectedTemplate): readonly string[] =>
  variables.filter((name) => !assigned.includes(name) || name === 'messages');

/** The messages that are sent, as the system that keeps the module puts them together. */
export function renderPrompt(state: PromptState, { variables, outputs }: PromptValues): RenderedPrompt {
  try {
    return { messages: assemble(state, variables, outputs) };
  } catch (error) {
    return { error: toErrorInfo(error) };
  }
}

function assemble(
  state: PromptState,
  variables: PromptValues['variables'],
  outputs: readonly string[] | undefined,
): readonly PromptMessage[] {
  switch (state.kind) {
    case 'msgflux agent': {
      const render = (text: string) => tidyLines(renderTemplate(text, 'jinja', variables, { trimsBlocks: false }));
      const task = variables[TASK] ?? '';
      return assembleMsgfluxMessages({
        system: render(assembleSystemPrompt(state.parts)),
        context: render(state.context),
        task: typeof task === 'string' ? task : JSON.stringify(task),
        prefilling: state.prefilling,
      });
    }
    case 'DSPy predictor': {
      const { fields } = guessSignature(state.instructions, state.fields, state.demos, outputs);
      if (fields.length === 0)
        throw new StateglassError({ kind: 'bad-input', detail: 'its signature has no fields: DSPy would not run it' });
      const inputs = Object.entries(variables).map(
        ([name, value]) => [name, readJsonText(JSON.stringify(value), name)] as const,
      );
      return assembleDspyMessages(state.instructions, fields, state.demos, new Map(inputs));
    }
    case 'prompts':
      return state.texts.map(({ role, text }) => ({
        role,
        content: renderTemplate(text, detectTemplate(text).kind, variables),
      }));
  }
}
