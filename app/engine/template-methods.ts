import { detectTemplate, renderTemplate, toErrorInfo } from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { FindHeld } from './held.ts';

type TemplateMethods = Pick<EngineApi, 'entryAsRead' | 'detectTemplate' | 'renderTemplate'>;

/** Texts as templates. Here, not in the page: what a file holds may take its time. */
export function templateMethods(find: FindHeld): TemplateMethods {
  return {
    async entryAsRead(id, row) {
      const { base, state } = find(id).document;
      const { source } = state.entries.at(row);
      // A state that was never edited does not say where its rows come from.
      const from = source === undefined ? row : source;
      return from === null ? null : base.entries.at(from);
    },
    async detectTemplate(text, as) {
      return detectTemplate(text, as);
    },
    async renderTemplate({ text, kind, variables }) {
      try {
        return { text: renderTemplate(text, kind, variables) };
      } catch (error) {
        return { error: toErrorInfo(error) };
      }
    },
  };
}
