import type { TextHunk } from '../../diff/text.ts';
import type { Report } from './report.ts';
import type { ReportRow } from './row.ts';
import { showJson, showPath } from './show.ts';

const MARKS = { changed: '~', renamed: '→', removed: '-', added: '+' } as const;

/** A report for a terminal. */
export function reportAsText(report: Report): string {
  const lines = [`${report.nameA} → ${report.nameB}`, report.headline, ...report.notes];
  for (const { status, rows } of report.sections) {
    lines.push('');
    for (const row of rows) lines.push(...writeRow(MARKS[status], row));
  }
  for (const { section, key, a, b } of report.metadata) {
    const item = `${section}.${key}`;
    if (report.metadata[0]?.key === key && report.metadata[0].section === section) lines.push('');
    lines.push(
      !a
        ? `+ ${item}  ${showJson(b)}`
        : !b
          ? `- ${item}  ${showJson(a)}`
          : `~ ${item}  ${showJson(a)} → ${showJson(b)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function writeRow(mark: string, row: ReportRow): string[] {
  const key =
    row.keyA !== undefined && row.keyB !== undefined && row.keyA !== row.keyB
      ? `${row.keyA} → ${row.keyB}`
      : (row.keyA ?? row.keyB ?? '');
  return [
    `${mark} ${key || '(root)'}  ${[row.what, ...row.facts].join(', ')}`,
    ...(row.text?.hunks.flatMap(writeHunk) ?? []).map((line) => `    ${line}`),
    ...(row.json ?? []).map(({ path, a, b }) =>
      !a
        ? `    + ${showPath(path)}: ${showJson(b)}`
        : !b
          ? `    - ${showPath(path)}: ${showJson(a)}`
          : `    ~ ${showPath(path)}: ${showJson(a)} → ${showJson(b)}`,
    ),
  ];
}

/** As patches write it. */
export function writeHunk({ startA, startB, lines }: TextHunk): string[] {
  const length = (...kinds: readonly string[]) => lines.filter(({ kind }) => kinds.includes(kind)).length;
  const head = `@@ -${startA},${length('same', 'removed')} +${startB},${length('same', 'added')} @@`;
  const marks = { same: ' ', removed: '-', added: '+' } as const;
  return [head, ...lines.map(({ kind, text }) => marks[kind] + text)];
}
