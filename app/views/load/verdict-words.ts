import { type LoadPolicyInfo, MISMATCHES, type MismatchKind, type Reaction } from '../../../src-core/index.ts';
import type { LoadVerdict } from '../../state/load.ts';
import { exactCount, plural } from '../../ui/format.ts';

export type VerdictTone = 'good' | 'warn' | 'bad';

const MISMATCH_WORDS: Readonly<Record<MismatchKind, (count: number, reaction: Reaction) => string>> = {
  shape: (count) => plural(count, 'size mismatch', 'size mismatches'),
  dtype: (count, reaction) =>
    reaction === 'cast' ? `${exactCount(count)} cast` : plural(count, 'dtype mismatch', 'dtype mismatches'),
  rank: (count) => plural(count, 'rank mismatch', 'rank mismatches'),
  alignment: (count) => `${exactCount(count)} not aligned`,
  quant: (count) => `${exactCount(count)} quantised otherwise`,
  kind: (count) => `${exactCount(count)} of another kind`,
  uninitialized: (count) => `${exactCount(count)} without values`,
};

/** What a load comes to, in one line. */
export function wordVerdict(verdict: LoadVerdict, policy: LoadPolicyInfo): string {
  const { raises, isWhole, assigned, changed, counts } = verdict;
  const things = countThings(policy);
  const parts = listParts(verdict, policy);
  const tail = parts.length > 0 ? `: ${parts.join(', ')}` : '';
  if (raises !== null) {
    const until = changed > 0 ? `${things(changed)} already changed by then` : 'nothing has changed by then';
    return `${policy.label} raises ${raises}${tail}; ${until}`;
  }
  if (isWhole)
    return `${policy.label} loads ${assigned === 1 ? 'the one' : `all ${exactCount(assigned)}`} ${things(assigned).replace(/^\S+ /, '')}${tail}`;
  const loaded =
    counts.missing > 0 ? `${exactCount(assigned)} of ${things(assigned + counts.missing)}` : things(assigned);
  return `${policy.label} loads ${loaded}${tail}`;
}

/** What is on one side alone, and what does not fit. */
export function listParts({ counts }: LoadVerdict, { shape, dtype }: LoadPolicyInfo): readonly string[] {
  const parts = [
    counts.missing > 0 && `${exactCount(counts.missing)} missing`,
    counts.unexpected > 0 && `${exactCount(counts.unexpected)} unexpected`,
    counts.added > 0 && `${exactCount(counts.added)} added`,
    ...MISMATCHES.map(
      (what) => counts[what] > 0 && MISMATCH_WORDS[what](counts[what], what === 'dtype' ? dtype : shape),
    ),
  ];
  return parts.filter((part) => part !== false);
}

export function toneOfVerdict({ raises, isWhole, counts }: LoadVerdict, policy: LoadPolicyInfo): VerdictTone {
  if (raises !== null) return 'bad';
  const isQuiet = MISMATCHES.some((what) => counts[what] > 0 && !(what === 'dtype' && policy.dtype === 'cast'));
  return isWhole && !isQuiet ? 'good' : 'warn';
}

/** Prompts are no tensors. */
const countThings = ({ id }: LoadPolicyInfo): ((count: number) => string) =>
  id.startsWith('msgflux') || id === 'dspy'
    ? (count) => plural(count, 'entry', 'entries')
    : (count) => plural(count, 'tensor');
