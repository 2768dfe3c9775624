import { LIMITS } from '../../base/limits.ts';
import type { KeyPath, KeySyntax, PartKind, PathPart } from './key.ts';
import { readPythonInt } from './python-text.ts';
import { wholeText } from './whole-text.ts';

/**
 * `extract.predict`, `preds[0].predict`, `d['key']`: the parameter names of a DSPy program (`Module.named_parameters`).
 * A dict key stands between `['` and `']` without any escaping, so a key with those in it has a second reading.
 */
export const dspy: KeySyntax = {
  id: 'dspy',
  parse(raw): KeyPath {
    const short = readSteps(raw, firstEnd);
    const long = readSteps(raw, lastEnd);
    const read = short ?? long;
    if (!read) return wholeText(raw);
    const other = short && long && short.parts.length !== long.parts.length ? long.parts : undefined;
    return other ? { ...read, raw, ambiguous: [other] } : { ...read, raw };
  },
  format: (path) => path.raw ?? writeSteps(path),
  /** Only when a bracket is there: without one a dotted key looks the same. `layers.0.w[0]` is dotted: no attribute begins with a digit. */
  recognises: (sample) =>
    sample.some((key) => key.includes('[')) && sample.every((key) => hasPlainNames(readSteps(key, firstEnd))),
};

type FindEnd = (raw: string, from: number) => number;

/** The first `']` that ends a step. */
const firstEnd: FindEnd = (raw, from) => {
  for (let end = raw.indexOf("']", from); end >= 0; end = raw.indexOf("']", end + 1)) {
    const next = raw[end + 2];
    if (next === undefined || next === '.' || next === '[') return end;
  }
  return -1;
};
const lastEnd: FindEnd = (raw, from) => {
  for (let end = raw.lastIndexOf("']"); end >= from; end = raw.lastIndexOf("']", end - 1)) {
    const next = raw[end + 2];
    if (next === undefined || next === '.' || next === '[') return end;
  }
  return -1;
};

const NAME = /[^.[\]'"]+/y;

function readSteps(raw: string, findEnd: FindEnd): { parts: PathPart[]; kinds: PartKind[] } | undefined {
  const parts: PathPart[] = [];
  const kinds: PartKind[] = [];
  let at = 0;
  while (at < raw.length || parts.length === 0) {
    if (parts.length === LIMITS.keyParts) return undefined;
    if (raw[at] === '[' && at > 0) {
      const quoted = raw[at + 1] === "'";
      const end = quoted ? findEnd(raw, at + 2) : raw.indexOf(']', at);
      if (end < 0) return undefined;
      const part = quoted ? raw.slice(at + 2, end) : readPythonInt(raw.slice(at + 1, end));
      if (part === undefined) return undefined;
      parts.push(part);
      kinds.push(quoted ? 'key' : 'index');
      at = end + (quoted ? 2 : 1);
      continue;
    }
    if (at > 0 && raw[at] !== '.') return undefined;
    NAME.lastIndex = at === 0 ? 0 : at + 1;
    const name = NAME.exec(raw)?.[0];
    if (name === undefined) return undefined;
    parts.push(name);
    kinds.push('attr');
    at = NAME.lastIndex;
  }
  return { parts, kinds };
}

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

function hasPlainNames(read: { parts: PathPart[]; kinds: PartKind[] } | undefined): boolean {
  return read?.parts.every((part, i) => read.kinds[i] !== 'attr' || IDENTIFIER.test(String(part))) === true;
}

function writeSteps(path: KeyPath): string {
  const steps = path.parts.map((part, i) => {
    if (typeof part === 'number') return `[${part}]`;
    if (path.kinds[i] === 'key') return `['${part}']`;
    return i === 0 ? part : `.${part}`;
  });
  return steps.join('');
}
