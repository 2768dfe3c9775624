import { isDocument, type ViewDef } from '../view.ts';

export const tokenizer: ViewDef = {
  id: 'tokenizer',
  title: 'Tokenizer',
  place: 'main',
  supports: (target) => isDocument(target) && (target.document.carries?.includes('vocabulary') ?? false),
  load: () => import('./Tokenizer.tsx'),
};
