import type { TextDiff, TextLine } from '../../diff/text.ts';
import type { Report, ReportSection } from './report.ts';
import type { ReportRow } from './row.ts';
import { showJson, showPath } from './show.ts';
import { STYLE } from './style.ts';

const TITLES = { changed: 'Changed', renamed: 'Renamed', removed: 'Removed', added: 'Added' } as const;
/** Rows of a section that a browser lays out at once; JSON has all. */
const MOST_ROWS = 5000;

/** A report as one HTML file: it needs no script and no other file, and follows the reader's light or dark. */
export function reportAsHtml(report: Report): string {
  const title = `${report.nameA} → ${report.nameB}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1><span class="name">${escapeHtml(report.nameA)}</span> <span class="arrow" aria-label="to">→</span> <span class="name">${escapeHtml(report.nameB)}</span></h1>
<p class="headline">${escapeHtml(report.headline)}</p>
${report.notes.map((note) => `<p class="note">${escapeHtml(note)}</p>\n`).join('')}</header>
<main>
${report.sections.map(writeSection).join('\n')}
${writeMetadata(report)}
</main>
<footer>Made by Stateglass</footer>
</body>
</html>
`;
}

function writeSection({ status, rows }: ReportSection): string {
  const shown = rows.slice(0, MOST_ROWS);
  const more = rows.length - shown.length;
  return `<section class="${status}">
<h2>${TITLES[status]} <span class="count">${rows.length.toLocaleString('en')}</span></h2>
<ul>
${shown.map((row) => `<li>${writeRow(row)}</li>`).join('\n')}
</ul>${more > 0 ? `\n<p class="note">${more.toLocaleString('en')} more are not shown; the JSON report has all.</p>` : ''}
</section>`;
}

function writeRow(row: ReportRow): string {
  const { keyA, keyB, what, facts, text, json } = row;
  const isRenamed = keyA !== undefined && keyB !== undefined && keyA !== keyB;
  const key = isRenamed
    ? `<code>${escapeHtml(keyA)}</code> <span class="arrow" aria-label="to">→</span> <code>${escapeHtml(keyB)}</code>`
    : `<code>${escapeHtml((keyA ?? keyB) || '(root)')}</code>`;
  const told = facts.map((fact) => `<span class="fact">${escapeHtml(fact)}</span>`).join(' ');
  return `<div class="row"><span class="key">${key}</span> <span class="what">${escapeHtml(what)}</span>${told === '' ? '' : ` <span class="facts">${told}</span>`}</div>${text ? writeText(text) : ''}${json?.length ? writeJsonRows(json) : ''}`;
}

function writeText({ hunks }: TextDiff): string {
  const body = hunks.map(({ startA, startB, lines }) => {
    const head = `<div class="place">from line ${startA}${startA === startB ? '' : `, now line ${startB}`}</div>`;
    return head + lines.map(writeLine).join('');
  });
  return `<div class="diff" role="group" aria-label="Text difference">${body.join('')}</div>`;
}

const MARKS = { same: ' ', removed: '−', added: '+' } as const;

function writeLine({ kind, text, spans }: TextLine): string {
  const tag = kind === 'removed' ? 'del' : kind === 'added' ? 'ins' : 'span';
  let body = '';
  let at = 0;
  for (const [from, to] of spans ?? []) {
    body += `${escapeHtml(text.slice(at, from))}<mark>${escapeHtml(text.slice(from, to))}</mark>`;
    at = to;
  }
  return `<${tag} class="line ${kind}"><span class="mark" aria-hidden="true">${MARKS[kind]}</span>${body}${escapeHtml(text.slice(at))}</${tag}>`;
}

function writeJsonRows(json: NonNullable<ReportRow['json']>): string {
  const rows = json.map(
    ({ path, a, b }) =>
      `<tr><th scope="row"><code>${escapeHtml(showPath(path))}</code></th><td>${a ? `<del>${escapeHtml(showJson(a))}</del>` : ''}</td><td>${b ? `<ins>${escapeHtml(showJson(b))}</ins>` : ''}</td></tr>`,
  );
  return writeTable('Where', rows);
}

const writeTable = (first: string, rows: readonly string[]): string =>
  `<div class="scroll"><table><thead><tr><th scope="col">${first}</th><th scope="col">First</th><th scope="col">Second</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;

function writeMetadata({ metadata }: Report): string {
  if (metadata.length === 0) return '';
  const rows = metadata.map(
    ({ section, key, a, b }) =>
      `<tr><th scope="row"><code>${escapeHtml(`${section}.${key}`)}</code></th><td>${a ? `<del>${escapeHtml(showJson(a))}</del>` : ''}</td><td>${b ? `<ins>${escapeHtml(showJson(b))}</ins>` : ''}</td></tr>`,
  );
  return `<section class="metadata"><h2>Metadata</h2>${writeTable('Item', rows)}</section>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? letter);
