import { type Target, type ViewDef, valueTypeOf } from '../view.ts';
import { isAgent } from './prompt-parts.ts';

/** What is written out in the file itself, and is typed as JSON where it is no text. */
const EDITED_AS_TEXT = ['text', 'json', 'int', 'float', 'bool', 'null', 'empty'];

const isAgentModule = ({ document, node }: Target): boolean =>
  document.dialect === 'msgflux' && isAgent(document.tree, node);

/** Texts in an editor, and the typed values that hold prose: few-shot examples, prompts kept as JSON. */
export const text: ViewDef = {
  id: 'text',
  title: 'Text',
  place: 'main',
  supports: (target) => {
    const type = valueTypeOf(target);
    return type === undefined ? isAgentModule(target) : EDITED_AS_TEXT.includes(type);
  },
  load: () => import('./Text.tsx'),
};
