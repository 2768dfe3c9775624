import { StateglassError } from '../../base/errors.ts';
import type { Save, SaveContext } from '../format.ts';
import { commonEnds } from './patch-string.ts';
import { readPlain } from './read-plain.ts';
import { saveText } from './save-text.ts';
import type { TextEdit } from './text-edit.ts';

export const savePlain: Save = (context) =>
  saveText(context, {
    label: 'text',
    read: readPlain,
    ordered: true,
    edit: ({ source: { text, file } }) => [editPlain(text, file, context)],
  });

/** The one text a file is. Its key is the file's name, and there is room for nothing else. */
function editPlain(text: string, file: string, { before, after }: SaveContext): TextEdit {
  const entry = after.entries.length === 1 ? after.entries.at(0) : undefined;
  const fail = (detail: string) => new StateglassError({ kind: 'unsupported', file, format: 'text', detail });
  if (!entry || entry.source === null) throw fail('a text file is one entry: save entries as JSON or TOML instead');
  if (entry.key !== before.entries.at(0).key)
    throw fail(`"${entry.key}" cannot be written: the name of a text is the name of its file`);
  if (entry.value.type !== 'text') throw fail(`"${entry.key}" cannot be written: a text file holds a text only`);
  const next = entry.value.text;
  if (!next.isWellFormed())
    throw fail(`"${entry.key}" cannot be written: it has half a surrogate pair, which UTF-8 has no bytes for`);
  const mark = text.startsWith('\uFEFF') ? 1 : 0;
  const [head, tail] = commonEnds(text.slice(mark), next);
  return { start: mark + head, end: text.length - tail, text: next.slice(head, next.length - tail) };
}
