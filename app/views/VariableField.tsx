import { type ChangeEvent, useId, useRef } from 'react';
import type { DocumentId } from '../state/engine.ts';
import { giveSample } from '../state/prompts.ts';
import { type ChatMessage, readConversation, readSample } from '../state/sample-values.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Plus, X } from '../ui/icons.ts';
import { KeyText } from '../ui/KeyText.tsx';
import p from './VariableField.module.css';

interface VariableFieldProps {
  readonly document: DocumentId;
  readonly name: string;
  readonly text: string;
}

const ROLES = ['system', 'user', 'assistant', 'tool'];

/** The value of one variable: words, JSON, or a conversation message by message. */
export function VariableField({ document, name, text }: VariableFieldProps) {
  const id = useId();
  const conversation = readConversation(readSample(text));
  const give = (next: string) => giveSample(document, name, next);
  if (conversation && name === 'messages')
    return <Conversation name={name} messages={conversation} onChange={(next) => give(JSON.stringify(next))} />;
  return (
    <div className={p.field}>
      <label htmlFor={id} className="mono">
        <KeyText text={name} />
      </label>
      <textarea
        id={id}
        className={p.input}
        data-variable={name}
        rows={Math.min(6, text.split('\n').length)}
        value={text}
        spellCheck={false}
        onChange={(event) => give(event.target.value)}
      />
    </div>
  );
}

interface ConversationProps {
  readonly name: string;
  readonly messages: readonly ChatMessage[];
  readonly onChange: (messages: readonly ChatMessage[]) => void;
}

function Conversation({ name, messages, onChange }: ConversationProps) {
  const change = (at: number, part: Partial<ChatMessage>) => onChange(messages.with(at, { ...messages[at]!, ...part }));
  const add = useRef<HTMLButtonElement>(null);
  const nextRole = messages.at(-1)?.role === 'user' ? 'assistant' : 'user';
  return (
    <fieldset className={p.conversation}>
      <legend className="mono">{name}</legend>
      {messages.map(({ role, content }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message is its place in the conversation
        <div key={i} className={p.message}>
          <select
            aria-label={`Role of message ${i + 1}`}
            className={p.role}
            value={role}
            onChange={(event: ChangeEvent<HTMLSelectElement>) => change(i, { role: event.target.value })}
          >
            {[...new Set([...ROLES, role])].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
          <textarea
            aria-label={`Message ${i + 1}`}
            className={p.input}
            data-variable={i === 0 ? name : undefined}
            rows={Math.min(6, content.split('\n').length)}
            value={content}
            spellCheck={false}
            onChange={(event) => change(i, { content: event.target.value })}
          />
          <IconButton
            label={`Remove message ${i + 1}`}
            onClick={() => {
              // The last button of its kind goes with its message.
              if (i === messages.length - 1) add.current?.focus();
              onChange(messages.toSpliced(i, 1));
            }}
          >
            <X size={13} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      <Button
        ref={add}
        look="quiet"
        className={p.add}
        onClick={() => onChange([...messages, { role: nextRole, content: '' }])}
      >
        <Plus size={13} aria-hidden="true" />
        Add a message
      </Button>
    </fieldset>
  );
}
