import { diffJson, type JsonDifference } from '../../diff/json.ts';
import { titleOfMapping } from '../../diff/mappings/registry.ts';
import { methodOf, PAIR_FLAG } from '../../diff/pairing.ts';
import { diffTexts, type TextDiff } from '../../diff/text.ts';
import type { Entry, Value } from '../../model/state-dict.ts';
import { dtypeLabel } from '../../tensor/dtype.ts';
import type { Comparison } from '../compare.ts';
import type { ValueDifference } from '../pair-values.ts';

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

/** One pair in words; values as the programs that wrote them mean them. */
export function makeRow(
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
  const numbers = Object.entries({ 'max|Δ|': maxAbs, 'mean|Δ|': meanAbs, RMS: rms, 'relative L2': relL2 });
  const told = numbers.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${showNumber(value)}`]));
  if (told.length === 0) return ['other values'];
  // What matters of a cosine is how far it is from 1.
  if (cosine !== undefined) told.push(`cosine ${Number(cosine.toFixed(6))}`);
  return [...told, ...(changed === undefined ? [] : [`${countOf(changed, 'value')} changed`])];
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

export const countOf = (n: number, word: string, many = `${word}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? word : many}`;
