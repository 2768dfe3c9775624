import { describeError, type ErrorInfo } from '../../../src-core/index.ts';

/** What went wrong as a sentence; where, `whereOf` tells. */
export function wordError(error: ErrorInfo): string {
  const words = error.kind === 'not-runnable' ? `${error.why}. ${error.advice}` : describeError(error);
  // What begins with a key begins as it is written.
  const text = /^\S*[._]\S/.test(words) ? words : words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The module that an error is about, where it is not all of the document. */
export const whereOf = (error: ErrorInfo): string | undefined =>
  (error.kind === 'not-runnable' && error.path) || undefined;
