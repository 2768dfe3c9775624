import type { Report } from './report.ts';
import type { ReportRow } from './row.ts';
import { showJson, showPath } from './show.ts';
import { writeHunk } from './text.ts';

const TITLES = { changed: 'Changed', renamed: 'Renamed', removed: 'Removed', added: 'Added' } as const;

/** A report as Markdown, for an issue or a pull request. */
export function reportAsMarkdown(report: Report): string {
  const lines = [`# ${escapeText(report.nameA)} → ${escapeText(report.nameB)}`, '', `**${report.headline}**`, ''];
  for (const note of report.notes) lines.push(escapeText(note), '');
  for (const { status, rows } of report.sections) {
    lines.push(`## ${TITLES[status]}`, '');
    lines.push('| key | what | how |', '| --- | --- | --- |');
    for (const row of rows) lines.push(`| ${nameOf(row)} | ${code(row.what)} | ${escapeText(row.facts.join(', '))} |`);
    lines.push('');
    for (const row of rows) lines.push(...writeDetails(row));
  }
  if (report.metadata.length > 0) {
    lines.push('## Metadata', '', '| item | first | second |', '| --- | --- | --- |');
    for (const { section, key, a, b } of report.metadata)
      lines.push(`| ${code(`${section}.${key}`)} | ${a ? code(showJson(a)) : ''} | ${b ? code(showJson(b)) : ''} |`);
    lines.push('');
  }
  return lines.join('\n');
}

function nameOf({ keyA, keyB }: ReportRow): string {
  if (keyA === undefined || keyB === undefined || keyA === keyB) return code(keyA ?? keyB ?? '');
  return `${code(keyA)} → ${code(keyB)}`;
}

function writeDetails(row: ReportRow): string[] {
  const body = [
    ...(row.text?.hunks.flatMap(writeHunk) ?? []),
    ...(row.json ?? []).flatMap(({ path, a, b }) => [
      ...(a ? [`- ${showPath(path)}: ${showJson(a)}`] : []),
      ...(b ? [`+ ${showPath(path)}: ${showJson(b)}`] : []),
    ]),
  ];
  if (body.length === 0) return [];
  const fence = fenceOf(body.join('\n'), '```');
  return [`### ${nameOf(row)}`, '', `${fence}diff`, ...body, fence, ''];
}

/** Text from a file as code: no mark in it means anything. A bar would end a cell of the table, in code too. */
function code(text: string): string {
  const line = text.replaceAll('|', '\\|').replace(/[\r\n]+/g, ' ');
  if (line === '') return '';
  const fence = fenceOf(line, '`');
  const gap = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return fence + gap + line + gap + fence;
}

/** Longer than any run of backticks inside. */
function fenceOf(text: string, least: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return '`'.repeat(Math.max(least.length, longest + 1));
}

const escapeText = (text: string): string => text.replace(/[\\`*_{}[\]<>#|~]/g, '\\$&').replace(/[\r\n]+/g, ' ');
