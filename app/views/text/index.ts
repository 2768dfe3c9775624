import { type ViewDef, valueTypeOf } from '../view.ts';

/** What is written out in the file itself, and is typed as JSON where it is no text. */
const EDITED_AS_TEXT = ['text', 'json', 'int', 'float', 'bool', 'null', 'empty'];

/** Texts in an editor, and the typed values that hold prose: few-shot examples, prompts kept as JSON. */
export const text: ViewDef = {
  id: 'text',
  title: 'Text',
  place: 'main',
  supports: (target) => EDITED_AS_TEXT.includes(valueTypeOf(target) ?? ''),
  load: () => import('./Text.tsx'),
};
