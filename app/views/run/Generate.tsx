import { useState } from 'react';
import { describeError, type RunDescription } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { type Drawing, useGenerated } from '../../state/generate.ts';
import type { RunForm } from '../../state/run.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { percentText, plural } from '../../ui/format.ts';
import { milliseconds } from './Bar.tsx';
import { NumberField } from './NumberField.tsx';
import s from './run.module.css';

interface GenerateProps {
  readonly document: OpenedDocument;
  readonly node: number;
  readonly description: RunDescription;
  readonly form: RunForm;
}

const FIRST: Drawing = { count: 100, temperature: 0, seed: 0 };
const MOST_TOKENS = 2000;

/** Goes on with the text of the input. How sure the model was of a token is the strength of the line below it. */
export function Generate({ document, node, description, form }: GenerateProps) {
  const [drawing, setDrawing] = useState(FIRST);
  const [generated, begin] = useGenerated(document, node, form, description);
  const { tokens, isRunning, error, prompt } = generated;
  const total = tokens.slice(1).reduce((sum, { time }) => sum + time, 0);
  return (
    <Card
      title="Go on with the text"
      aside={tokens.length > 1 ? `${milliseconds(total / (tokens.length - 1))} a token` : undefined}
    >
      <form
        className={s.input}
        onSubmit={(event) => {
          event.preventDefault();
          if (!isRunning) void begin(drawing);
        }}
      >
        <div className={s.fields}>
          <NumberField
            title="Tokens"
            value={drawing.count}
            least={1}
            most={MOST_TOKENS}
            onChange={(count) => setDrawing({ ...drawing, count })}
          />
          <NumberField
            title="Temperature"
            value={drawing.temperature}
            least={0}
            most={10}
            step={0.1}
            onChange={(temperature) => setDrawing({ ...drawing, temperature })}
          />
          {drawing.temperature > 0 && (
            <NumberField
              title="Seed"
              value={drawing.seed}
              least={0}
              most={2 ** 32}
              onChange={(seed) => setDrawing({ ...drawing, seed })}
            />
          )}
          <Button type="submit" aria-disabled={isRunning}>
            {isRunning ? 'Writing' : 'Go on'}
          </Button>
        </div>
        {error?.kind === 'cancelled' && (
          <p className={s.soft} role="status">
            Stopped after {plural(tokens.length, 'token')}.
          </p>
        )}
        {tokens.at(-1)?.ends && (
          <p className={s.soft} role="status">
            The model ended the text after {plural(tokens.length, 'token')}.
          </p>
        )}
        {error && error.kind !== 'cancelled' && (
          <p className={s.failure} role="alert">
            {describeError(error)}
          </p>
        )}
        {(isRunning || tokens.length > 0) && (
          <p className={`mono ${s.text}`} role="log" aria-label="The text that was made" aria-busy={isRunning}>
            <span className={s.soft}>{prompt}</span>
            {tokens.map(({ id, share, text = ` ${id}` }, i) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the text
                key={i}
                className={s.token}
                title={`${percentText(share)} · token ${id}`}
                style={{ '--share': share } as React.CSSProperties}
              >
                {text}
              </span>
            ))}
          </p>
        )}
      </form>
    </Card>
  );
}
