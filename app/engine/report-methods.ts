import {
  COMPARE_STATUSES,
  type Comparison,
  makeReport,
  reportAsHtml,
  reportAsJson,
  reportAsMarkdown,
  VERDICTS,
} from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { FindComparison, FindHeld, HeldComparison } from './held.ts';

/** What is known of a comparison, written for others. */
export function reportMethods(find: FindHeld, findComparison: FindComparison): Pick<EngineApi, 'comparisonReport'> {
  return {
    async comparisonReport(id, form) {
      const held = findComparison(id);
      const [a, b] = [find(held.pairs.a).document, find(held.pairs.b).document];
      const comparison = summariseHeld(held);
      if (form === 'json') return reportAsJson(comparison, a, b);
      const report = makeReport(comparison, a, b);
      return form === 'html' ? reportAsHtml(report) : reportAsMarkdown(report);
    },
  };
}

const CHANGED = VERDICTS.indexOf('changed');

/** As the core tells a comparison; values of pairs that nobody looked at are left out. */
function summariseHeld({ pairs, verdicts, facts, metadata, failures }: HeldComparison): Comparison {
  const { deltas, verdictOf, isRenamed } = facts;
  const summary = { same: 0, changed: 0, added: 0, removed: 0, renamed: 0 };
  const status = new Uint8Array(pairs.count);
  const values = new Map<number, NonNullable<ReturnType<Comparison['values']['get']>>>();
  for (let pair = 0; pair < pairs.count; pair++) {
    const verdict = verdictOf(pair);
    const name = isRenamed(pair) ? 'renamed' : verdict === 'unknown' ? 'same' : verdict;
    summary[name]++;
    status[pair] = COMPARE_STATUSES.indexOf(name);
    if (!deltas.has(pair)) continue;
    const cosine = deltas.numberOf(pair, 'cosine');
    values.set(pair, {
      identical: deltas.numberOf(pair, 'share') === 0,
      maxAbs: deltas.numberOf(pair, 'delta'),
      meanAbs: deltas.numberOf(pair, 'deltaMean'),
      rms: deltas.numberOf(pair, 'rms'),
      relL2: deltas.numberOf(pair, 'rel'),
      ...(!Number.isNaN(cosine) && { cosine }),
    });
  }
  return {
    summary,
    status,
    values,
    metadata,
    failures,
    pairing: pairs,
    withValues: !verdicts.includes(0),
    isChanged: verdicts.map((verdict) => (verdict === CHANGED ? 1 : 0)),
  };
}
