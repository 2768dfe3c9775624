import { useState } from 'react';
import { describeError } from '../../../src-core/index.ts';
import { type LoadEnds, policyOf, useLoad, useLoadEnds, useLoadQuestion, usePlannedLoad } from '../../state/load.ts';
import { useWorkspace } from '../../state/workspace.ts';
import { Button } from '../../ui/Button.tsx';
import { Empty, ErrorCard, Loading } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import { Ends } from './Ends.tsx';
import { LoadRowsTable } from './LoadRowsTable.tsx';
import s from './load.module.css';
import { Options } from './Options.tsx';
import { Outcome } from './Outcome.tsx';
import { Pasted } from './Pasted.tsx';
import { PolicyChoice } from './PolicyChoice.tsx';
import { isOpenToEdits, Made, Proposed } from './Proposed.tsx';
import { Survey } from './Survey.tsx';

/** What a system would do if one state dict were loaded into another: what it raises, and what would have changed by then. */
export default function Load({ target: { document } }: { readonly target: Target }) {
  const ends = useLoadEnds(document.id);
  const isSurvey = useLoad((state) => state.isSurvey);
  const question = useLoadQuestion(ends);
  const isPasted = ends.target === 'text' || ends.source === 'text';
  return (
    <div className={s.view}>
      <section className={s.setup} aria-label="What is loaded">
        <Ends ends={ends} />
        {isPasted && <Pasted place={ends.target === 'text' ? 'target' : 'source'} />}
        <PolicyChoice ends={ends} />
        <Options ends={ends} />
      </section>
      {question === undefined ? (
        <Waiting ends={ends} />
      ) : isSurvey ? (
        <Survey question={question} />
      ) : (
        <Planned question={question} ends={ends} />
      )}
    </div>
  );
}

function Waiting({ ends }: { readonly ends: LoadEnds }) {
  const count = useWorkspace(({ documents }) => documents.length);
  const what = ends.target === 'text' ? 'what it is loaded into' : 'what is loaded';
  return (
    <Empty title="Nothing to tell yet">
      Paste {what}
      {count > 1 ? ', or choose another document above.' : ', or drop the other file on this page.'} No bytes are read
      and nothing is run.
    </Empty>
  );
}

function Planned({ question, ends }: { readonly question: string; readonly ends: LoadEnds }) {
  const { load, error, isStale } = usePlannedLoad(question);
  const [isAsked, setAsked] = useState(false);
  if (error) return <ErrorCard title="It cannot be told" tone="warn" what={describeError(error)} />;
  if (!load) return <Loading label="Looking at names and shapes" />;
  const { source } = ends;
  const canEdit = source !== 'text' && isOpenToEdits(load, policyOf(load.policy));
  const button = canEdit && !isAsked && (
    <Button look="primary" disabled={isStale} onClick={() => setAsked(true)}>
      Make it load…
    </Button>
  );
  return (
    <div className={s.result} aria-busy={isStale}>
      <Outcome load={load} act={button} />
      {canEdit && isAsked && <Proposed question={question} source={source} onClose={() => setAsked(false)} />}
      <Made ends={ends} />
      <LoadRowsTable load={load} ends={ends} />
    </div>
  );
}
