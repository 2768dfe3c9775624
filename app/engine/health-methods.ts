import {
  checkStructure,
  checkValues,
  type HealthFacts,
  markProblems,
  type Pool,
  type Problem,
  prepareHealth,
} from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { FindHeld, Held } from './held.ts';

type HealthMethods = Pick<EngineApi, 'health' | 'checkValues'>;

/** What is wrong with a document. Facts are gathered once, with the first question. */
export function healthMethods(find: FindHeld, pool: Pool): HealthMethods {
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
    async checkValues(id, { signal, onProgress, onItem } = {}) {
      const held = find(id);
      const label = 'Checking values';
      const problems = await checkValues(await factsOf(held), pool, {
        ...(signal && { signal }),
        ...(onProgress && { onProgress: (done: number, total: number) => onProgress({ label, done, total }) }),
        ...(onItem && { onProblem: onItem }),
      });
      return mark(held, problems);
    },
  };
}
