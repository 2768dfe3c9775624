import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import {
  type Document,
  describeReport,
  type LoadOptions,
  type LoadReport,
  type LoadSide,
  listLoadPolicies,
  loadsWhole,
  planLoad,
  proposeLoadEdits,
  readLoadText,
  StateglassError,
  wordOutcome,
} from '../src-core/index.ts';
import { STANDARD_INPUT } from './op.ts';
import { openPaths } from './open-paths.ts';
import { Output } from './output.ts';
import { readRules } from './rule-file.ts';

export interface LoadCommandOptions {
  readonly policy?: string;
  readonly map?: string | readonly string[];
  readonly weightAlignment?: string | number;
  readonly overrideQuantizationEncoding?: boolean;
  readonly className?: string;
  readonly list?: boolean;
  readonly fix?: boolean;
  readonly json?: boolean;
}

const ALL = 'all';
/** It would raise, or leave something. */
const FOUND = 1;

/** `load TARGET SOURCE`: what would happen if SOURCE were loaded into TARGET, as a system does it. */
export async function load(
  target: string | undefined,
  source: string | undefined,
  options: LoadCommandOptions,
): Promise<void> {
  const out = new Output();
  if (options.list) {
    printPolicies(out, options.json === true);
    await out.end();
    return;
  }
  if (target === undefined || source === undefined)
    throw new StateglassError({ kind: 'bad-input', detail: 'name what is loaded into, and what is loaded' });
  const [into, document] = [await readTarget(target), await openOne(source)];
  const settings = await readOptions(options);
  const policy = options.policy ?? 'torch-strict';
  if (policy === ALL) await compareAll(into, document, settings, options.json === true, out);
  else {
    const report = await planLoad(into, document, policy, settings);
    if (options.json) out.line(JSON.stringify(describeReport(report)));
    else printReport(report, out);
    if (options.fix) await printEdits(into, document, policy, settings, out);
    if (!loadsWhole(report)) process.exitCode = FOUND;
  }
  await out.end();
}

async function readOptions(options: LoadCommandOptions): Promise<LoadOptions> {
  const align = options.weightAlignment === undefined ? undefined : Number(options.weightAlignment);
  if (align !== undefined && !(Number.isSafeInteger(align) && align >= 0))
    throw new StateglassError({
      kind: 'bad-input',
      detail: `--weight-alignment ${options.weightAlignment}: bytes, as a number`,
    });
  const map = await readRules(typeof options.map === 'string' ? [options.map] : (options.map ?? []));
  return {
    ...(map.length > 0 && { map }),
    ...(align !== undefined && { weightAlignment: align }),
    ...(options.overrideQuantizationEncoding && { overrideQuantizationEncoding: true }),
    ...(options.className !== undefined && { className: String(options.className) }),
  };
}

/** A file, or a text that declares or prints one: `.txt`, JSON with `$module`, standard input. */
async function readTarget(path: string): Promise<LoadSide> {
  if (path === STANDARD_INPUT) return readLoadText(await text(process.stdin));
  if (/\.txt$/i.test(path)) return readLoadText(await readText(path));
  if (/\.json$/i.test(path)) {
    const side = readLoadText(await readText(path));
    if ('declaration' in side) return side;
  }
  return openOne(path);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new StateglassError({ kind: 'source', file: path, detail: 'it cannot be read' });
  }
}

async function openOne(path: string): Promise<Document> {
  const [document, more] = await openPaths([path]);
  if (!document || more)
    throw new StateglassError({ kind: 'bad-input', detail: `${path}: name one state dict; there are several here` });
  return document;
}

function printPolicies(out: Output, asJson: boolean): void {
  const policies = listLoadPolicies();
  if (asJson) out.line(JSON.stringify(policies));
  else for (const { id, call } of policies) out.line(`${id.padEnd(26)}${call}`);
}

async function compareAll(
  into: LoadSide,
  document: Document,
  options: LoadOptions,
  asJson: boolean,
  out: Output,
): Promise<void> {
  const reports: LoadReport[] = [];
  for (const { id } of listLoadPolicies()) reports.push(await planLoad(into, document, id, options));
  if (asJson) out.line(JSON.stringify(reports.map(describeReport)));
  else {
    const columns = ['assigned', 'missing', 'unexpected', 'added', 'mismatched', 'partial'] as const;
    out.line(`${'policy'.padEnd(26)}${columns.map((name) => name.padStart(11)).join('')}  outcome`);
    for (const report of reports) {
      const counts = columns.map((name) => String(report[name].length).padStart(11)).join('');
      out.line(
        `${report.policy.padEnd(26)}${counts}  ${report.error?.type ?? (loadsWhole(report) ? 'loads' : 'leaves something')}`,
      );
    }
  }
  if (!reports.every(loadsWhole)) process.exitCode = FOUND;
}

function printReport(report: LoadReport, out: Output): void {
  const { assigned, missing, unexpected, added, mismatched, suggestions, partial, error } = report;
  const said = wordOutcome(report);
  if (said !== '') out.line(said);
  const lists = { missing, unexpected, added } as const;
  const meant = new Map(suggestions.map(({ key, candidates }) => [key, candidates[0]]));
  for (const [name, keys] of Object.entries(lists))
    for (const key of keys)
      out.line(`${name.padEnd(12)}${key}${name === 'missing' && meant.has(key) ? `  (${meant.get(key)}?)` : ''}`);
  for (const { key, what, expected, actual } of mismatched)
    out.line(`${what.padEnd(12)}${key}: ${expected} here, ${actual} there`);
  const outcome = error
    ? `raises ${error.type}; ${partial.length} have changed by then`
    : loadsWhole(report)
      ? 'loads'
      : 'leaves something';
  out.line(
    `${report.policy}: ${assigned.length} assigned, ${missing.length} missing, ${unexpected.length} unexpected, ${added.length} added: ${outcome}`,
  );
}

async function printEdits(
  into: LoadSide,
  document: Document,
  policy: string,
  options: LoadOptions,
  out: Output,
): Promise<void> {
  for (const edit of await proposeLoadEdits(into, document, policy, options)) out.line(JSON.stringify(edit));
}
