import { applyEdit, attachDonor, compareThree, planMerge, StateglassError } from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { MergeSidesRequest } from './compare-api.ts';
import { replierOf } from './edit-methods.ts';
import type { FindHeld, ReplaceHeld } from './held.ts';
import { tellProgress } from './tell-progress.ts';

type MergeMethods = Pick<EngineApi, 'threeWay' | 'planMerge' | 'merge'>;

/** What makes one document of two. */
export function mergeMethods(find: FindHeld, replace: ReplaceHeld): MergeMethods {
  const reply = replierOf(find, replace);
  const sidesOf = ({ base, a, b }: MergeSidesRequest) => ({
    base: base === undefined ? undefined : find(base).document,
    a: find(a).document,
    b: find(b).document,
  });
  return {
    async threeWay(request, call = {}) {
      const { base, a, b } = sidesOf(request);
      const options = tellProgress('Comparing values', call);
      return compareThree(base, a, b, { ...options, pool: find(request.a).pool });
    },
    async planMerge({ three, ...request }) {
      return planMerge(three, sidesOf(request), request);
    },
    async merge({ three, ...request }) {
      const { base, a, b } = sidesOf(request);
      const { edits, conflicts } = planMerge(three, { base, a, b }, request);
      const [first] = conflicts;
      if (first) {
        const count = conflicts.length === 1 ? '1 entry is' : `${conflicts.length} entries are`;
        const detail = `${count} not decided yet: ${first.key}${conflicts.length > 1 ? ' and others' : ''}`;
        throw new StateglassError({ kind: 'bad-input', detail });
      }
      const withB = attachDonor(a, request.names.b, b);
      const attached = base ? attachDonor(withB, request.names.base, base) : withB;
      return reply(request.a, edits.reduce(applyEdit, attached));
    },
  };
}
