import { StateglassError, type TemplateFault } from '../base/errors.ts';

export const templateError = (reason: TemplateFault, detail: string, line?: number): StateglassError =>
  new StateglassError({ kind: 'template', reason, detail, ...(line !== undefined && { line }) });

/** The line of a place in a text, from 1. */
export function lineAt(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line++;
  return line;
}
