import { pathOfNode, promptKindOf, type RunDescription } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { changeRun, type RunForm, useDescription, useRan, useRunForm } from '../../state/run.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorCard, Loading } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import { Assumptions } from './Assumptions.tsx';
import { Bar, Where } from './Bar.tsx';
import { Generate } from './Generate.tsx';
import { Inputs } from './Inputs.tsx';
import { Inside } from './Inside.tsx';
import { ModuleChoices } from './ModuleChoices.tsx';
import { PromptChoices } from './PromptChoices.tsx';
import { PromptRun } from './PromptRun.tsx';
import { Results } from './Results.tsx';
import s from './run.module.css';
import { whereOf, wordError } from './word-error.ts';

/** What the selected module gives: from its weights on a sample, or the messages that its texts make. */
export default function Run({ target }: { readonly target: Target }) {
  const { document, node } = target;
  const kind = promptKindOf(document.tree, node, document.dialect);
  if (kind) return <PromptRun target={target} kind={kind} />;
  return document.tree.params[node]! > 0 ? <ModuleRun target={target} /> : <PromptChoices target={target} />;
}

/** The selected module, run from its weights on a sample. */
function ModuleRun({ target: { document, node } }: { readonly target: Target }) {
  const path = pathOfNode(document.tree, node);
  const form = useRunForm(document.id, path);
  const { description, refused } = useDescription(document, node, form);
  const ran = useRan(document, node, form, description);
  const change = (part: Partial<RunForm>) => changeRun(document.id, path, part);
  if (refused) {
    return (
      <div className={s.view}>
        <h2 className="unseen">Run</h2>
        <ErrorCard
          title="It cannot be run"
          tone="warn"
          where={whereOf(refused.error) ?? (path || undefined)}
          what={wordError(refused.error)}
        />
        {form.corrections.length > 0 && (
          <p className={s.choices}>
            <Button onClick={() => change({ corrections: [] })}>Take back what was corrected</Button>
          </p>
        )}
        {refused.choices.length > 0 && (
          <ModuleChoices
            document={document.id}
            label="Modules that can be run"
            title="These can be run:"
            choices={refused.choices}
          />
        )}
      </div>
    );
  }
  if (!description) return <Loading label="Looking at names and shapes" />;
  return (
    <div className={s.view}>
      <Bar document={document} description={description} form={form} onChange={change} />
      <div className={s.columns}>
        <div className={s.setup}>
          <Inputs document={document.id} description={description} form={form} onChange={change} />
        </div>
        <div className={s.outcome}>
          {isLanguageModel(description) && (
            <Generate key={path} document={document} node={node} description={description} form={form} />
          )}
          <Outcome document={document} description={description} form={form} ran={ran} onChange={change} />
        </div>
        <div className={s.setup}>
          <Assumptions document={document.id} path={path} description={description} form={form} />
        </div>
      </div>
    </div>
  );
}

interface OutcomeProps {
  readonly document: OpenedDocument;
  readonly description: RunDescription;
  readonly form: RunForm;
  readonly ran: ReturnType<typeof useRan>;
  readonly onChange: (part: Partial<RunForm>) => void;
}

function Outcome({ document, description, form, ran, onChange }: OutcomeProps) {
  const { result, error, isStale } = ran;
  return (
    <>
      {error && <h2 className="unseen">Result</h2>}
      {error && (
        <ErrorCard
          title={error.kind === 'cancelled' ? 'Stopped' : 'It did not run'}
          tone={error.kind === 'cancelled' ? 'plain' : 'warn'}
          where={whereOf(error)}
          what={error.kind === 'cancelled' ? 'Nothing was changed.' : wordError(error)}
          onRetry={() => onChange({ isRunning: true, samples: { ...form.samples } })}
        />
      )}
      {result ? (
        <div className={s.results} aria-busy={isStale}>
          <Where ran={ran} onRetry={() => onChange({ attempt: form.attempt + 1 })} />
          <Results document={document} description={description} result={result} />
          <Inside description={description} result={result} form={form} onChange={onChange} />
        </div>
      ) : (
        !error && <Expected description={description} isRunning={form.isRunning} />
      )}
    </>
  );
}

/** What will come out, before it has. */
function Expected({ description, isRunning }: { readonly description: RunDescription; readonly isRunning: boolean }) {
  if (isRunning) return <Loading label="Running" />;
  return (
    <section className={s.expected} aria-label="What comes out">
      <p>
        It will give{' '}
        {description.outputs.map(({ label, shape }, i) => (
          <span key={label}>
            {i > 0 && ', '}
            <b className="mono">{label}</b> <span className="mono">{shape.join('×') || 'one number'}</span>
          </span>
        ))}
        . Nothing leaves this page, and no file is changed.
      </p>
    </section>
  );
}

/** It tells which token comes next in the one text that it is given, and what a token is called is known. */
const isLanguageModel = ({ outputs, inputs, tokeniser }: RunDescription): boolean =>
  tokeniser !== undefined &&
  outputs.some(({ label }) => label === 'logits') &&
  inputs.filter(({ meaning }) => meaning === 'tokens').length === 1;
