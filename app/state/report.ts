import { toErrorInfo } from '../../src-core/index.ts';
import type { ComparedDocument, ReportForm } from '../engine/compare-api.ts';
import { sidesOf } from './compare.ts';
import { engine } from './engine.ts';
import { saveFile } from './save-file.ts';
import { addNotice } from './workspace.ts';

export type { ReportForm } from '../engine/compare-api.ts';

const TYPES: Readonly<Record<ReportForm, readonly [mime: string, ending: string]>> = {
  html: ['text/html', 'html'],
  markdown: ['text/markdown', 'md'],
  json: ['application/json', 'json'],
};

/** Hands what is known of a comparison to the browser as a file. */
export async function saveReport(comparison: ComparedDocument, form: ReportForm): Promise<void> {
  const [mime, ending] = TYPES[form];
  const [a, b] = sidesOf(comparison).map(({ name }) => name.replace(/\.[^.]+$/, ''));
  try {
    const text = await engine().comparisonReport(comparison.id, form);
    saveFile(new Blob([text], { type: mime }), `${a}-against-${b}.${ending}`);
  } catch (error) {
    addNotice({ file: comparison.name, error: toErrorInfo(error) });
  }
}
