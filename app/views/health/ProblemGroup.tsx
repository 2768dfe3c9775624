import { useState } from 'react';
import type { Problem } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { pathText } from '../../state/tree-labels.ts';
import { goTo } from '../../state/workspace.ts';
import { Button } from '../../ui/Button.tsx';
import { exactCount } from '../../ui/format.ts';
import { CircleAlert, Info, TriangleAlert } from '../../ui/icons.ts';
import type { Group } from './group-problems.ts';
import s from './health.module.css';

const SIGNS = { error: CircleAlert, warning: TriangleAlert, note: Info } as const;
/** More than this of one kind fold. */
const FIRST = 3;
const PAGE = 100;

/** Problems of one kind: what to do is said once, each is a way to its entry. */
export function ProblemGroup({ document, group }: { readonly document: OpenedDocument; readonly group: Group }) {
  const { severity, title, code, advice, problems } = group;
  const [shown, setShown] = useState(FIRST);
  const Sign = SIGNS[severity];
  const rest = problems.length - shown;
  return (
    <section className={s.group} data-severity={severity} aria-label={`${title}: ${problems.length}`}>
      <header>
        <Sign size={15} role="img" aria-label={severity} />
        <h2>{title}</h2>
        {problems.length > 1 && <span className={s.count}>{exactCount(problems.length)}</span>}
        <code className={s.code}>{code}</code>
      </header>
      {advice && <p className={s.advice}>{advice}</p>}
      <ul>
        {problems.slice(0, shown).map((problem, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: problems of a kind are only added at the end
          <li key={i}>
            <p>{problem.message}</p>
            {!advice && problem.advice && <p className={s.advice}>{problem.advice}</p>}
            <Where document={document} problem={problem} />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Button look="link" className={s.more} onClick={() => setShown(shown + PAGE)}>
          and {exactCount(rest)} more
        </Button>
      )}
    </section>
  );
}

function Where({ document, problem }: { readonly document: OpenedDocument; readonly problem: Problem }) {
  const { entry, file, at } = problem;
  const node = entry === undefined ? undefined : document.tree.nodeOfEntry[entry];
  const hasMany = document.files.length > 1 || node === undefined;
  if (node === undefined && at === undefined && !(file && hasMany)) return null;
  return (
    <p className={s.where}>
      {node !== undefined && (
        <Button look="link" onClick={() => goTo(document.id, node)}>
          <span className="mono">{pathText(document.tree, node)}</span>
        </Button>
      )}
      {file !== undefined && hasMany && <span className="mono">{file}</span>}
      {at !== undefined && <span className="numbers">byte {exactCount(at)}</span>}
    </p>
  );
}
