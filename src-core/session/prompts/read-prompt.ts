import { type ModuleTree, NOT_AN_ENTRY } from '../../model/module-tree.ts';
import type { JsonNode, Value } from '../../model/state-dict.ts';
import type { WrittenField } from '../../template/dspy-signature.ts';
import { MSGFLUX_PARTS, type MsgfluxParts } from '../../template/msgflux-prompt.ts';
import type { PromptMessage } from '../../template/prompt-message.ts';
import type { Document } from '../document.ts';
import { childrenOf, promptKindOf, roleOf } from './prompt-kind.ts';

/** What a module keeps of what it says. */
export type PromptState =
  | {
      readonly kind: 'msgflux agent';
      readonly parts: MsgfluxParts;
      readonly context: string;
      readonly prefilling: string;
    }
  | {
      readonly kind: 'DSPy predictor';
      readonly instructions: string;
      readonly fields: readonly WrittenField[];
      readonly demos: readonly JsonNode[];
    }
  | { readonly kind: 'prompts'; readonly texts: readonly PromptText[] };

export interface PromptText {
  readonly name: string;
  readonly role: PromptMessage['role'];
  readonly text: string;
}

/** Undefined for a module that says nothing to a model. */
export function readPrompt(document: Document, tree: ModuleTree, node: number): PromptState | undefined {
  const kind = promptKindOf(tree, node, document.state.dialect);
  const children = childrenOf(tree, node);
  const valueFor = (child: number | undefined): Value | undefined => {
    const row = child === undefined ? NOT_AN_ENTRY : tree.entry[child]!;
    return row === NOT_AN_ENTRY ? undefined : document.state.entries.at(row).value;
  };
  const textOf = (name: string): string => wordsOf(valueFor(children.get(name))) ?? '';
  switch (kind) {
    case undefined:
      return undefined;
    case 'msgflux agent':
      return {
        kind,
        parts: Object.fromEntries(MSGFLUX_PARTS.map((name) => [name, textOf(name)])),
        context: textOf('context_cache'),
        prefilling: textOf('prefilling'),
      };
    case 'DSPy predictor': {
      const signature = childrenOf(tree, children.get('signature')!);
      const fields = signature.get('fields');
      const rows =
        fields === undefined ? [] : [...childrenOf(tree, fields).values()].map((row) => childrenOf(tree, row));
      const demos = valueFor(children.get('demos'));
      return {
        kind,
        instructions: wordsOf(valueFor(signature.get('instructions'))) ?? '',
        fields: rows.map((row) => ({
          prefix: wordsOf(valueFor(row.get('prefix'))) ?? '',
          description: wordsOf(valueFor(row.get('description'))) ?? '',
        })),
        demos: demos?.type === 'json' && demos.json.kind === 'array' ? demos.json.items : [],
      };
    }
    case 'prompts':
      return { kind, texts: [...children].flatMap(([name, child]) => textAt(name, wordsOf(valueFor(child)))) };
  }
}

/** TOML has no null: msgflux writes the text `None` for it, and reads that back as null. */
const wordsOf = (value: Value | undefined): string | undefined =>
  value?.type === 'text' && value.text !== 'None' ? value.text : undefined;

function textAt(name: string, text: string | undefined): readonly PromptText[] {
  const role = roleOf(name);
  return text === undefined || role === undefined ? [] : [{ name, role, text }];
}
