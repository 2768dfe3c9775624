import { writeJson } from '../../model/json-write.ts';
import type { JsonNode } from '../../model/state-dict.ts';

/** A value of JSON on one line, cut where it is long. */
export function showJson(node: JsonNode | undefined, most = 120): string {
  if (!node) return '';
  const text = writeJson(node, { gap: ' ', bareLiterals: true });
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

export const showPath = (path: readonly (string | number)[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '') || '(all of it)';
