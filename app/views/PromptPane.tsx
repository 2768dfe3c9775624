import { type ReactNode, useState } from 'react';
import { describeError, type ErrorInfo } from '../../src-core/index.ts';
import type { DocumentId, RenderedTemplate } from '../state/engine.ts';
import { type PromptPreview, useSamples } from '../state/prompts.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { DiffEditor } from '../ui/DiffEditor.tsx';
import { Segments } from '../ui/Segments.tsx';
import { Loading } from '../ui/States.tsx';
import p from './prompt.module.css';
import { VariableField } from './VariableField.tsx';

interface PromptPaneProps {
  readonly document: DocumentId;
  readonly label: string;
  readonly preview: PromptPreview | null;
  /** Who puts the text together, where it is not the text alone. */
  readonly note?: ReactNode;
}

/** What a prompt comes to: a field for each variable, and the text that is made of them. Never more than text. */
export function PromptPane({ document, label, preview, note }: PromptPaneProps) {
  const [compares, setCompares] = useState(false);
  const samples = useSamples(document);
  if (!preview) return <Loading label="Rendering" />;
  const { detected, fields, rendered, asRead } = preview;
  const error = detected.error ?? ('error' in rendered ? rendered.error : undefined);
  return (
    <section className={p.pane} aria-label={`Preview of ${label}`}>
      {note && <p className={p.note}>{note}</p>}
      {fields.length > 0 && (
        <div className={p.fields}>
          {fields.map(({ name, text }) => (
            // What is typed stands at once: the preview is of what was typed before.
            <VariableField key={name} document={document} name={name} text={samples[name] ?? text} />
          ))}
        </div>
      )}
      <div className={p.head}>
        <h2>Rendered</h2>
        {asRead && (
          <Segments
            label="Rendered text"
            value={compares ? 'diff' : 'after'}
            options={[
              ['after', 'As edited'],
              ['diff', 'Before and after'],
            ]}
            onChange={(next) => setCompares(next === 'diff')}
          />
        )}
        <span className={p.copy}>
          {'text' in rendered && <CopyButton text={rendered.text} label="Copy rendered text" />}
        </span>
      </div>
      {error && <Fault error={error} />}
      {compares && asRead ? (
        <div className={p.difference}>
          <DiffEditor before={textOf(asRead)} after={textOf(rendered)} language="plaintext" label="Rendered text" />
        </div>
      ) : (
        'text' in rendered &&
        !detected.error && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by keyboard
          <section className={p.rendered} aria-label="Rendered text" tabIndex={0}>
            {rendered.text === '' ? <i>Nothing is written.</i> : <pre>{rendered.text}</pre>}
          </section>
        )
      )}
    </section>
  );
}

const textOf = (rendered: RenderedTemplate): string =>
  'text' in rendered ? rendered.text : `(${describeError(rendered.error)})`;

function Fault({ error }: { readonly error: ErrorInfo }) {
  const isPlaced = error.kind === 'template' && error.line !== undefined;
  return (
    <p className={p.fault} role="alert">
      {isPlaced && <b>Line {error.line}</b>}
      <span>{isPlaced ? error.detail : describeError(error)}</span>
    </p>
  );
}
