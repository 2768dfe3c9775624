import { type ViewDef, valueTypeOf } from '../view.ts';

/** Texts in an editor, and the typed values that hold prose: few-shot examples, prompts kept as JSON. */
export const text: ViewDef = {
  id: 'text',
  title: 'Text',
  place: 'main',
  supports: (target) => ['text', 'json'].includes(valueTypeOf(target) ?? ''),
  load: () => import('./Text.tsx'),
};
