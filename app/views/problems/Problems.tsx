import { useState } from 'react';
import type { Problem } from '../../../src-core/index.ts';
import { documentProblems } from '../../state/resources.ts';
import { pathText } from '../../state/tree-labels.ts';
import { goTo } from '../../state/workspace.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Button } from '../../ui/Button.tsx';
import { exactCount } from '../../ui/format.ts';
import { CircleAlert, CircleCheck, Info, TriangleAlert } from '../../ui/icons.ts';
import type { Target } from '../view.ts';
import s from './problems.module.css';

const ORDER: readonly Problem['severity'][] = ['error', 'warning', 'note'];
const WORDS = { error: 'error', warning: 'warning', note: 'note' } as const;
const SIGNS = { error: CircleAlert, warning: TriangleAlert, note: Info } as const;
const PAGE = 200;

/** What is wrong with the file, worst first; a click goes to the entry it is about. */
export default function Problems({ target }: { readonly target: Target }) {
  return (
    <Answer to={documentProblems(target.document.id)}>
      {(problems) => <ProblemList target={target} problems={problems} />}
    </Answer>
  );
}

interface ProblemListProps {
  readonly target: Target;
  readonly problems: readonly Problem[];
}

function ProblemList({ target: { document }, problems }: ProblemListProps) {
  const [shown, setShown] = useState(PAGE);
  if (problems.length === 0) {
    return (
      <div className={s.clean}>
        <CircleCheck size={22} strokeWidth={1.5} aria-hidden="true" />
        <p>
          <b>Nothing wrong found.</b> Every declared range lies inside the file, and nothing overlaps.
        </p>
      </div>
    );
  }
  const sorted = [...problems].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return (
    <div className={s.view}>
      <p className={s.count}>
        {ORDER.map((severity) => [severity, problems.filter((p) => p.severity === severity).length] as const)
          .filter(([, count]) => count > 0)
          .map(([severity, count]) => (
            <span key={severity}>
              <b>{exactCount(count)}</b> {count === 1 ? WORDS[severity] : `${WORDS[severity]}s`}
            </span>
          ))}
      </p>
      <ul className={s.list}>
        {sorted.slice(0, shown).map((problem, i) => {
          const Sign = SIGNS[problem.severity];
          const node = problem.entry === undefined ? undefined : document.tree.nodeOfEntry[problem.entry];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes its order
            <li key={i} data-severity={problem.severity}>
              <Sign size={15} role="img" aria-label={WORDS[problem.severity]} />
              <div>
                <p>{problem.message}</p>
                {problem.advice && <p className={s.advice}>{problem.advice}</p>}
                <p className={s.where}>
                  <span className="mono">{problem.code}</span>
                  {problem.file !== undefined && <span className="mono">{problem.file}</span>}
                  {problem.at !== undefined && <span>byte {exactCount(problem.at)}</span>}
                  {node !== undefined && (
                    <Button look="link" onClick={() => goTo(document.id, node)}>
                      <span className="mono">{pathText(document.tree, node)}</span>
                    </Button>
                  )}
                </p>
              </div>
            </li>
          );
        })}
      </ul>
      {problems.length > shown && (
        <Button onClick={() => setShown(shown + PAGE * 5)}>{exactCount(problems.length - shown)} more</Button>
      )}
    </div>
  );
}
