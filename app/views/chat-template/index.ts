import { isDocument, type ViewDef } from '../view.ts';

export const chatTemplate: ViewDef = {
  id: 'chat-template',
  title: 'Chat template',
  place: 'main',
  supports: (target) => isDocument(target) && (target.document.carries?.includes('chat-template') ?? false),
  load: () => import('./ChatTemplate.tsx'),
};
