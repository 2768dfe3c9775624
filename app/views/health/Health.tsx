import { useEffect, useState } from 'react';
import { describeError, type Problem } from '../../../src-core/index.ts';
import { checkDocument, problemsOf, useHealth } from '../../state/health.ts';
import { Segments } from '../../ui/Segments.tsx';
import { ErrorCard, Loading } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import { groupProblems, PLURALS, SEVERITIES, type Severity } from './group-problems.ts';
import s from './health.module.css';
import { ProblemGroup } from './ProblemGroup.tsx';
import { Verdict } from './Verdict.tsx';

/** What is wrong with the file, worst first: where, why it matters, what to do; and a way to have its values checked. */
export default function Health({ target: { document } }: { readonly target: Target }) {
  const health = useHealth(document.id);
  const [chosen, choose] = useState<Severity | 'all'>('all');
  const isKnown = health.structure !== undefined || health.error !== undefined;
  useEffect(() => {
    if (!isKnown) void checkDocument(document);
  }, [document, isKnown]);

  if (health.error) {
    return (
      <div className={s.view}>
        <ErrorCard
          title="Not checked"
          what={describeError(health.error)}
          onRetry={() => void checkDocument(document)}
        />
      </div>
    );
  }
  if (!health.structure) return <Loading label="Checking names and shapes" />;
  const problems = problemsOf(health);
  const shown = chosen === 'all' ? problems : problems.filter(({ severity }) => severity === chosen);
  return (
    <div className={s.view}>
      <Verdict document={document} problems={problems} phase={health.values} />
      {new Set(problems.map(({ severity }) => severity)).size > 1 && (
        <Segments label="Severity" value={chosen} options={listOptions(problems)} onChange={choose} />
      )}
      {groupProblems(shown).map((group) => (
        <ProblemGroup key={group.id} document={document} group={group} />
      ))}
    </div>
  );
}

function listOptions(problems: readonly Problem[]): (readonly [Severity | 'all', string])[] {
  const counts = SEVERITIES.map((one) => [one, problems.filter(({ severity }) => severity === one).length] as const);
  return [
    ['all', `All ${problems.length}`],
    ...counts.flatMap(([one, count]) => (count > 0 ? [[one, `${PLURALS[one]} ${count}`] as const] : [])),
  ];
}
