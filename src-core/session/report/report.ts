import { describeError } from '../../base/errors.ts';
import { diffJson, type JsonDifference } from '../../diff/json.ts';
import { titleOfMapping } from '../../diff/mappings/registry.ts';
import type { MetadataDifference } from '../../diff/metadata.ts';
import { alignNones } from '../../diff/none-text.ts';
import { methodOf, PAIR_FLAG } from '../../diff/pairing.ts';
import { diffTexts, type TextDiff } from '../../diff/text.ts';
import { writeJson } from '../../model/json-write.ts';
import type { Entry, Value } from '../../model/state-dict.ts';
import { dtypeLabel } from '../../tensor/dtype.ts';
import { COMPARE_STATUSES, type CompareStatus, type Comparison } from '../compare.ts';
import { entriesOfPair } from '../compared-entry.ts';
import type { Document } from '../document.ts';
import type { ValueDifference } from '../pair-values.ts';

/** What a comparison says, in words: the same for terminal, Markdown and HTML. */
export interface Report {
  readonly nameA: string;
  readonly nameB: string;
  /** `291 tensors: 3 changed, 1 renamed, 287 the same`. */
  readonly headline: string;
  /** What was not looked at, or does not count. */
  readonly notes: readonly string[];
  /** What differs, changed first; none that are the same. */
  readonly sections: readonly ReportSection[];
  readonly metadata: readonly MetadataDifference[];
}

export interface ReportSection {
  readonly status: Exclude<CompareStatus, 'same'>;
  readonly rows: readonly ReportRow[];
}

export interface ReportRow {
  readonly keyA?: string;
  readonly keyB?: string;
  /** `f32 [64, 10]`, `f32 → bf16 [64, 10]`, `text`. */
  readonly what: string;
  /** Sentence parts: how values differ, how a partner was found. */
  readonly facts: readonly string[];
  readonly text?: TextDiff;
  readonly json?: readonly JsonDifference[];
}

const SECTIONS = ['changed', 'renamed', 'removed', 'added'] as const;

/** Words a comparison of `a` with `b`. */
export function makeReport(comparison: Comparison, a: Document, b: Document): Report {
  const rows: Record<CompareStatus, ReportRow[]> = { same: [], changed: [], added: [], removed: [], renamed: [] };
  let tensors = 0;
  const meant = (inA: Entry | undefined, inB: Entry | undefined) =>
    inA && inB ? alignNones(a.state, b.state, inA.value, inB.value) : ([inA?.value, inB?.value] as const);
  for (const [i, code] of comparison.status.entries()) {
    const status = COMPARE_STATUSES[code]!;
    const [inA, inB] = entriesOfPair(comparison, a, b, i);
    if ((inA ?? inB)?.value.type === 'tensor') tensors++;
    if (status !== 'same') rows[status].push(makeRow(comparison, i, inA, inB, meant(inA, inB)));
  }
  const isRead = comparison.withValues;
  return {
    nameA: a.name,
    nameB: b.name,
    headline: wordSummary(comparison.summary, tensors, isRead),
    notes: [
      ...(tensors > 0 && !isRead ? ['Values of tensors were not read.'] : []),
      ...wordFailures(comparison),
      ...(comparison.metadata.length > 0
        ? [
            `${count(comparison.metadata.length, 'item')} of metadata differ${comparison.metadata.length === 1 ? 's' : ''}.`,
          ]
        : []),
    ],
    sections: SECTIONS.flatMap((status) => (rows[status].length > 0 ? [{ status, rows: rows[status] }] : [])),
    metadata: comparison.metadata,
  };
}

/** Nobody may take what was not compared for the same. */
function wordFailures({ failures }: Comparison): string[] {
  const [error] = failures.values();
  if (!error) return [];
  const what =
    failures.size === 1 ? 'Values of a tensor were' : `Values of ${failures.size.toLocaleString('en')} tensors were`;
  return [`${what} not compared: ${describeError(error)}`];
}

const count = (n: number, word: string, many = `${word}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? word : many}`;

function wordSummary({ same, ...others }: Comparison['summary'], tensors: number, isRead: boolean): string {
  const total = same + others.changed + others.added + others.removed + others.renamed;
  const what = tensors === total ? count(total, 'tensor') : count(total, 'entry', 'entries');
  const told = SECTIONS.filter((status) => others[status] > 0).map(
    (status) => `${others[status].toLocaleString('en')} ${status}`,
  );
  if (total === 0) return 'Nothing is in either';
  if (told.length > 0)
    return `${what}: ${[...told, ...(same > 0 ? [`${same.toLocaleString('en')} the same`] : [])].join(', ')}`;
  return isRead || tensors === 0 ? `${what}, no difference` : `${what}, no difference of names, types and shapes`;
}

function makeRow(
  comparison: Comparison,
  i: number,
  a: Entry | undefined,
  b: Entry | undefined,
  [inA, inB]: readonly [Value | undefined, Value | undefined],
): ReportRow {
  return {
    ...(a && { keyA: a.key }),
    ...(b && { keyB: b.key }),
    what: inA && inB ? wordChange(inA, inB) : wordType((inA ?? inB) as Value),
    facts: [
      ...wordScalars(inA, inB),
      ...wordValues(comparison.values.get(i)),
      ...(inA && inB ? wordMethod(comparison, i) : []),
    ],
    ...(inA?.type === 'text' &&
      inB?.type === 'text' &&
      inA.text !== inB.text && { text: diffTexts(inA.text, inB.text) }),
    ...(inA?.type === 'json' && inB?.type === 'json' && { json: diffJson(inA.json, inB.json) }),
  };
}

const showShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

function wordType(value: Value): string {
  if (value.type !== 'tensor') return value.type;
  return value.undeclared ? 'tensor, not here' : `${dtypeLabel(value.dtype)} ${showShape(value.shape)}`;
}

function wordChange(a: Value, b: Value): string {
  if (a.type !== 'tensor' || b.type !== 'tensor' || a.undeclared || b.undeclared) {
    const [wordA, wordB] = [wordType(a), wordType(b)];
    return wordA === wordB ? wordA : `${wordA} → ${wordB}`;
  }
  const [dtypeA, dtypeB] = [dtypeLabel(a.dtype), dtypeLabel(b.dtype)];
  const [shapeA, shapeB] = [showShape(a.shape), showShape(b.shape)];
  return `${dtypeA === dtypeB ? dtypeA : `${dtypeA} → ${dtypeB}`} ${shapeA === shapeB ? shapeA : `${shapeA} → ${shapeB}`}`;
}

/** Values that fit on a line as what they are; two texts have their difference shown instead. */
function wordScalars(a: Value | undefined, b: Value | undefined): string[] {
  if (a?.type === 'text' && b?.type === 'text') return [];
  const [shownA, shownB] = [a && showScalar(a), b && showScalar(b)];
  if (a && b) return shownA === undefined || shownB === undefined || shownA === shownB ? [] : [`${shownA} → ${shownB}`];
  const shown = shownA ?? shownB;
  return shown === undefined ? [] : [shown];
}

const MOST_LETTERS = 80;

function showScalar(value: Value): string | undefined {
  switch (value.type) {
    case 'text':
      return JSON.stringify(value.text.length > MOST_LETTERS ? `${value.text.slice(0, MOST_LETTERS)}…` : value.text);
    case 'int':
      return value.digits;
    case 'float':
      return value.lexeme ?? String(value.value);
    case 'bool':
      return String(value.value);
    case 'null':
      return 'null';
    case 'complex':
      return `${value.re} + ${value.im}i`;
    default:
      return undefined;
  }
}

/** Four digits say enough, and stand one below the other. */
const showNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

function wordValues(difference: ValueDifference | undefined): string[] {
  if (!difference) return [];
  if (difference.identical) return ['the same values'];
  const { changed, maxAbs, meanAbs, rms, relL2, cosine } = difference;
  const numbers = Object.entries({ 'max|Δ|': maxAbs, 'mean|Δ|': meanAbs, RMS: rms, 'relative L2': relL2, cosine });
  const told = numbers.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${showNumber(value)}`]));
  if (told.length === 0) return ['other values'];
  return [...told, ...(changed === undefined ? [] : [`${count(changed, 'value')} changed`])];
}

function wordMethod({ pairing }: Comparison, i: number): string[] {
  const flags = pairing.flags[i]!;
  const axes = pairing.layouts[pairing.layout[i]! - 1];
  const how = wordHow(methodOf(pairing, i), `${Math.floor(pairing.confidence[i]! * 100)} %`);
  return [
    ...(axes ? [`axes ${axes.join(', ')} of the second`] : []),
    ...(flags & PAIR_FLAG.keyParts ? ['another key of the same text'] : []),
    ...(how === undefined ? [] : [how]),
    ...(flags & PAIR_FLAG.ambiguous ? ['others have the same content'] : []),
    ...(flags & PAIR_FLAG.uncertain ? ['uncertain'] : []),
  ];
}

function wordHow(method: string, sure: string): string | undefined {
  switch (method) {
    case 'key':
      return undefined;
    case 'rule':
      return 'by rule';
    case 'user':
      return 'as pinned';
    case 'content':
      return `by content, ${sure}`;
    case 'shape-and-name':
      return `by shape and likeness of names, ${sure}`;
    default:
      return `by names, ${titleOfMapping(method.slice(method.indexOf(':') + 1))}`;
  }
}

/** A value of JSON on one line, cut where it is long. */
export function showJson(node: Parameters<typeof writeJson>[0] | undefined, most = 120): string {
  if (!node) return '';
  const text = writeJson(node, { gap: ' ', bareLiterals: true });
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

export const showPath = (path: readonly (string | number)[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '') || '(all of it)';
