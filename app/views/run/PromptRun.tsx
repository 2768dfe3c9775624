import { type PromptKind, pathOfNode } from '../../../src-core/index.ts';
import { useCompare } from '../../state/compare.ts';
import { type Said, usePromptMessages } from '../../state/prompt-messages.ts';
import { useSamples } from '../../state/prompts.ts';
import { changeRun, type RunForm, useAgainst, useRunForm } from '../../state/run.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Card } from '../../ui/Card.tsx';
import { plural } from '../../ui/format.ts';
import { ErrorCard, Loading } from '../../ui/States.tsx';
import { VariableField } from '../VariableField.tsx';
import type { Target } from '../view.ts';
import { AgainstChoice } from './Bar.tsx';
import { PromptFields } from './PromptFields.tsx';
import { PromptMessages } from './PromptMessages.tsx';
import s from './run.module.css';
import { whereOf, wordError } from './word-error.ts';

interface PromptRunProps {
  readonly target: Target;
  readonly kind: PromptKind;
}

/** Who puts the messages together, and what no file holds of them. */
const NOTES: Readonly<Record<PromptKind, string>> = {
  'msgflux agent':
    'As msgflux 0.5.1 sends it, without tools, skills, the date and templates of its own, which no file holds.',
  'DSPy predictor':
    'As the ChatAdapter of DSPy 3.4.1 sends it. No file holds the types of fields: all are taken for text.',
  prompts: 'Nothing says how they are put together: each stands by itself, its role taken from its name.',
};

/** What a module of texts says to a model, with samples for its variables. */
export function PromptRun({ target: { document, node }, kind }: PromptRunProps) {
  const path = pathOfNode(document.tree, node);
  const form = useRunForm(document.id, path);
  const against = useAgainst(document, form);
  const { said, error, other, otherError } = usePromptMessages(document, node, form);
  // Of two that are compared A is on the left, whichever is looked at.
  const isFirst = useCompare(({ pair }) => pair?.a === document.id && pair.b === against);
  const change = (part: Partial<RunForm>) => changeRun(document.id, path, part);
  if (error)
    return (
      <div className={s.view}>
        <h2 className="unseen">Run</h2>
        <ErrorCard title="It says nothing" tone="warn" where={whereOf(error)} what={wordError(error)} />
      </div>
    );
  if (!said) return <Loading label="Putting messages together" />;
  return (
    <div className={s.view}>
      <section className={s.bar} aria-label="How it is said">
        <p className={s.taken}>
          <span>Taken for</span> <Badge tone="plain">{kind}</Badge>
        </p>
        <div className={s.acts}>
          <AgainstChoice document={document} form={form} onChange={change} />
        </div>
      </section>
      <div className={s.columns}>
        <div className={s.setup}>
          <Variables document={document.id} said={said} />
        </div>
        <div className={s.outcome}>
          {otherError && (
            <ErrorCard
              title="There is nothing beside it"
              tone="warn"
              where={whereOf(otherError)}
              what={wordError(otherError)}
            />
          )}
          <PromptMessages rendered={said.rendered} other={other?.rendered} isFirst={isFirst} />
          <p className={s.where}>{NOTES[kind]} Nothing is sent: no model is asked.</p>
        </div>
        <div className={s.setup}>
          {said.description.fields && (
            <PromptFields
              fields={said.description.fields}
              why={said.description.why ?? ''}
              isGiven={form.outputs !== null}
              onChange={(outputs) => change({ outputs })}
            />
          )}
        </div>
      </div>
    </div>
  );
}

function Variables({ document, said: { fields } }: { readonly document: number; readonly said: Said }) {
  const samples = useSamples(document);
  return (
    <Card title="Variables" aside={fields.length === 0 ? 'none' : plural(fields.length, 'sample')}>
      {fields.length === 0 ? (
        <p className={s.soft}>Its texts ask for nothing.</p>
      ) : (
        <div className={s.input}>
          {fields.map(({ name, text }) => (
            // What is typed stands at once: the messages are of what was typed before.
            <VariableField key={name} document={document} name={name} text={samples[name] ?? text} />
          ))}
        </div>
      )}
    </Card>
  );
}
