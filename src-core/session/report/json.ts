import { COMPARE_STATUSES, type Comparison } from '../compare.ts';
import { describePair } from '../compared-entry.ts';
import type { Document } from '../document.ts';

const SAME = COMPARE_STATUSES.indexOf('same');

/**
 * `{"summary": {same, changed, added, removed, renamed}, "entries": […]}`, an entry a line: those that differ, or all of them.
 * What JSON has no number for is a text: `"NaN"`.
 */
export function reportAsJson(comparison: Comparison, a: Document, b: Document, all = false): string {
  const lines: string[] = [];
  for (const [i, status] of comparison.status.entries())
    if (all || status !== SAME) lines.push(JSON.stringify(describePair(comparison, a, b, i), writeNumber));
  const entries = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n]`;
  return `{"summary":${JSON.stringify(comparison.summary)},"entries":${entries}}\n`;
}

const writeNumber = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
