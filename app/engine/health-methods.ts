import {
  checkStructure,
  checkValues,
  type HealthFacts,
  markProblems,
  type Problem,
  prepareHealth,
} from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { FindHeld, Held } from './held.ts';
import { tellProgress } from './tell-progress.ts';

type HealthMethods = Pick<EngineApi, 'health' | 'checkValues'>;

/** What is wrong with a document. Facts are gathered once, with the first question. */
export function healthMethods(find: FindHeld): HealthMethods {
  const gathered = new WeakMap<Held, Promise<HealthFacts>>();
  const factsOf = (held: Held): Promise<HealthFacts> => {
    const facts = gathered.get(held) ?? prepareHealth(held.document, { laid: held });
    gathered.set(held, facts);
    return facts;
  };
  /** A filter finds them too. */
  const mark = ({ tree, columns }: Held, problems: readonly Problem[]) => {
    markProblems(problems, tree, columns);
    return problems;
  };
  return {
    async health(id) {
      const held = find(id);
      return mark(held, checkStructure(await factsOf(held)));
    },
    async checkValues(id, call = {}) {
      const held = find(id);
      const problems = await checkValues(await factsOf(held), held.pool, {
        ...tellProgress('Checking values', call),
        ...(call.onItem && { onProblem: call.onItem }),
        // The statistics it went by are there for whoever asks next.
        onStats: ({ id: row, stats }) => held.statistics.set(row, stats),
      });
      return mark(held, problems);
    },
  };
}
