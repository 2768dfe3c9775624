import type { JsonNode } from '../../model/state-dict.ts';
import type { Save } from '../format.ts';
import { editJson } from './edit-json.ts';
import { scanJson } from './json-scan.ts';
import { planChange } from './plan-change.ts';
import { readJson } from './read-json.ts';
import { saveText } from './save-text.ts';
import { isFiniteLexeme } from './spell-json.ts';
import type { ScannedText } from './tree.ts';

export const saveJson: Save = (context) =>
  saveText(context, {
    label: 'JSON',
    read: readJson,
    ordered: true,
    edit({ source }) {
      const scanned = scanJson(source);
      const refuse = { refuseNode: (node: JsonNode) => refuseNode(node, scanned), refuseKey: () => undefined };
      return editJson(source, scanned, planChange(source, scanned.root, context, refuse, true));
    },
  });

/** NaN is no JSON, but a file that has it already is read by those who take it. */
function refuseNode(node: JsonNode, scanned: ScannedText): string | undefined {
  const hasNonFinite = scanned.notes.some(({ code }) => code === 'non-finite');
  return refuse(node);

  function refuse(part: JsonNode): string | undefined {
    if (part.kind === 'number' && !hasNonFinite && !isFiniteLexeme(part.lexeme))
      return `JSON has no ${part.lexeme}; Python writes it, but this file has none so far`;
    if (part.kind === 'literal') return `JSON has no ${part.what.replaceAll('-', ' ')}: make it a text`;
    const parts =
      part.kind === 'array' ? part.items : part.kind === 'object' ? part.members.map(([, item]) => item) : [];
    for (const item of parts) {
      const why = refuse(item);
      if (why !== undefined) return why;
    }
    return undefined;
  }
}
