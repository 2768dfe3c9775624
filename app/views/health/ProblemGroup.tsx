import { useState } from 'react';
import type { Problem } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { pathText } from '../../state/tree-labels.ts';
import { goTo } from '../../state/workspace.ts';
import { Button } from '../../ui/Button.tsx';
import { exactCount } from '../../ui/format.ts';
import { CircleAlert, Info, TriangleAlert } from '../../ui/icons.ts';
import { cutAtKey, type Group } from './group-problems.ts';
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
            <Told document={document} problem={problem} />
            {!advice && problem.advice && <p className={s.advice}>{problem.advice}</p>}
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

/** The sentence and where it is about: the key in it is the way there, and stands below where the sentence has none. */
function Told({ document, problem }: { readonly document: OpenedDocument; readonly problem: Problem }) {
  const { entry, file, at, message } = problem;
  const node = entry === undefined ? undefined : document.tree.nodeOfEntry[entry];
  const key = node === undefined ? '' : pathText(document.tree, node);
  const [before, after] = cutAtKey(message, key);
  const link = node !== undefined && (
    <Button look="link" onClick={() => goTo(document.id, node)}>
      <span className="mono">{key || '(empty)'}</span>
    </Button>
  );
  const place = file !== undefined && (document.files.length > 1 || node === undefined) ? file : undefined;
  return (
    <>
      <p>
        {before}
        {after !== undefined && link}
        {after}
      </p>
      {((link && after === undefined) || place !== undefined || at !== undefined) && (
        <p className={s.where}>
          {after === undefined && link}
          {place !== undefined && <span className="mono">{place}</span>}
          {at !== undefined && <span className="numbers">byte {exactCount(at)}</span>}
        </p>
      )}
    </>
  );
}
