import { useState } from 'react';
import type { PromptMessage, RenderedPrompt } from '../../../src-core/index.ts';
import { Card } from '../../ui/Card.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { DiffEditor } from '../../ui/DiffEditor.tsx';
import { plural } from '../../ui/format.ts';
import { Segments } from '../../ui/Segments.tsx';
import { ErrorCard } from '../../ui/States.tsx';
import s from './run.module.css';
import { whereOf, wordError } from './word-error.ts';

type Face = 'now' | 'other' | 'change';

interface PromptMessagesProps {
  readonly rendered: RenderedPrompt;
  /** What is said beside it. */
  readonly other: RenderedPrompt | undefined;
  /** What is beside it came after it. */
  readonly isFirst: boolean;
}

const FACES: readonly (readonly [Face, string])[] = [
  ['change', 'Difference'],
  ['now', 'This'],
  ['other', 'Beside'],
];

/** The messages, one block each; with others beside them, what went and what came. */
export function PromptMessages({ rendered, other, isFirst }: PromptMessagesProps) {
  const [chosen, setFace] = useState<Face>();
  const [own, beside] = [writeMessages(rendered), other && writeMessages(other)];
  const isChanged = beside !== undefined && beside !== own;
  const [before, after] = isFirst ? [own, beside] : [beside, own];
  const face: Face = isChanged ? (chosen ?? 'change') : 'now';
  const shown = face === 'other' && other ? other : rendered;
  return (
    <Card title="Messages" aside={'messages' in shown && face !== 'change' && <Count of={shown.messages} />}>
      <div className={s.faces}>
        {isChanged && (
          <div className={s.tools}>
            <Segments label="Which messages" value={face} options={FACES} onChange={setFace} />
          </div>
        )}
        {beside === own && <p className={s.same}>The same as beside it, to the last letter.</p>}
        {face === 'change' && before !== undefined && after !== undefined ? (
          <DiffEditor before={before} after={after} language="plaintext" label="Messages" sideBySide />
        ) : 'messages' in shown ? (
          <ol className={s.messages} aria-label="Messages">
            {shown.messages.map(({ role, content }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a message is its place in the conversation
              <li key={i} className={s.message} data-role={role}>
                <b>{role}</b>
                <pre>{content}</pre>
              </li>
            ))}
          </ol>
        ) : (
          <ErrorCard title="It says nothing" tone="warn" where={whereOf(shown.error)} what={wordError(shown.error)} />
        )}
      </div>
    </Card>
  );
}

const Count = ({ of }: { readonly of: readonly PromptMessage[] }) => (
  <span className={s.copy}>
    {plural(of.length, 'message')}
    <CopyButton text={JSON.stringify(of, undefined, 2)} label="Copy messages as JSON" />
  </span>
);

const writeMessages = (rendered: RenderedPrompt): string =>
  'messages' in rendered ? rendered.messages.map(writeMessage).join('\n\n') : `(${wordError(rendered.error)})`;

const writeMessage = ({ role, content }: PromptMessage): string => `── ${role} ──\n${content}`;
