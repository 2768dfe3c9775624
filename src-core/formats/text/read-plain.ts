import type { ReadContext, ReadResult } from '../format.ts';
import { readText } from './decode.ts';
import { makeState } from './state.ts';
import { UNKNOWN_ROLE } from './walk.ts';

/** A prompt or a template by itself: one text, named after the file. */
export async function readPlain(context: ReadContext): Promise<ReadResult> {
  const decoded = await readText(context, 'text');
  const { text } = decoded.source;
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const name = context.source.name.replace(/\.[^.]*$/, '') || 'text';
  const value = text.slice(start);
  const draft = {
    path: { parts: [name], kinds: ['key' as const], raw: name },
    value: { type: 'text' as const, text: value },
    node: { kind: 'string' as const, value, start, end: text.length },
    start,
    ...UNKNOWN_ROLE,
  };
  const meaning = {
    dialect: 'generic',
    layout: 'flat',
    drafts: [draft],
    nodes: new Map(),
    metadata: [],
    problems: [],
  } as const;
  return makeState(context, {
    format: 'text',
    decoded,
    scanned: { comments: [], notes: [] },
    meaning: { ...meaning, drafts: [draft] },
  });
}
