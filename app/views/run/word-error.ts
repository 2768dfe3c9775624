import { describeError, type ErrorInfo } from '../../../src-core/index.ts';

/** What went wrong as a sentence. */
export function wordError(error: ErrorInfo): string {
  const words =
    error.kind === 'not-runnable'
      ? `${error.path === '' ? '' : `${error.path}: `}${error.why}. ${error.advice}`
      : describeError(error);
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
