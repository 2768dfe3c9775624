import { useMemo, useRef, useState } from 'react';
import { describeError, type MetaItem, type VocabularyFacts } from '../../../src-core/index.ts';
import { makeEdit } from '../../state/edits.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { useSamples } from '../../state/prompts.ts';
import { documentMetadata, documentVocabulary, metadataAsRead } from '../../state/resources.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { flushTyping, typeText, useTyping } from '../../state/typing.ts';
import { Answer } from '../../ui/Answer.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { CodeEditor } from '../../ui/CodeEditor.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { WrapText } from '../../ui/icons.ts';
import { Segments } from '../../ui/Segments.tsx';
import { Empty } from '../../ui/States.tsx';
import { useElementSize } from '../../ui/use-element-size.ts';
import { PromptPane } from '../PromptPane.tsx';
import { useLiveText } from '../use-live-text.ts';
import { usePromptPreview } from '../use-prompt-preview.ts';
import type { Target } from '../view.ts';
import s from './chat-template.module.css';

const KEY = /^tokenizer\.chat_template(?:\.(.+))?$/;
/** Pixels that the template and a conversation need side by side. */
const SPLIT_WIDTH = 640;

interface Facts {
  readonly items: readonly MetaItem[];
  readonly asRead: readonly MetaItem[];
  readonly vocabulary: VocabularyFacts | null;
}

/** How the model is spoken to: the template that makes a text of a conversation, and what it makes of a sample. */
export default function ChatTemplate({ target: { document } }: { readonly target: Target }) {
  const items = documentMetadata(document.id);
  const facts = useMemo(
    () =>
      Promise.all([items, metadataAsRead(document.id), documentVocabulary(document.id)]).then(
        ([now, asRead, vocabulary]): Facts => ({ items: now, asRead, vocabulary }),
      ),
    [items, document.id],
  );
  return <Answer to={facts}>{(known) => <Templates document={document} facts={known} />}</Answer>;
}

const templatesOf = (items: readonly MetaItem[]) =>
  items.filter(({ key, value }) => KEY.test(key) && value.kind === 'string');
const nameOf = ({ key }: MetaItem): string => KEY.exec(key)?.[1] ?? 'default';
const textOf = (item: MetaItem | undefined): string | undefined =>
  item?.value.kind === 'string' ? item.value.value : undefined;

function Templates({ document, facts }: { readonly document: OpenedDocument; readonly facts: Facts }) {
  const templates = templatesOf(facts.items);
  const [chosen, setChosen] = useState<string>();
  const item = templates.find(({ key }) => key === chosen) ?? templates[0];
  if (!item) return <Empty title="No chat template">The metadata have none.</Empty>;
  const choice = templates.length > 1 && (
    <Segments
      label="Template"
      value={item.key}
      options={templates.map((one) => [one.key, nameOf(one)])}
      onChange={setChosen}
    />
  );
  return <Template key={item.key} document={document} facts={facts} item={item} choice={choice} />;
}

interface TemplateProps {
  readonly document: OpenedDocument;
  readonly facts: Facts;
  readonly item: MetaItem;
  readonly choice: React.ReactNode;
}

type Pane = 'template' | 'conversation';

function Template({ document, facts, item, choice }: TemplateProps) {
  const { section, key } = item;
  const text = textOf(item) ?? '';
  const view = useRef<HTMLDivElement>(null);
  const { width } = useElementSize(view);
  const wrap = useSettings((state) => state.wrapText);
  const error = useTyping((state) => state.error);
  const [pane, setPane] = useState<Pane>('conversation');
  const { live, follow } = useLiveText(text, key);
  const typed = useSamples(document.id);
  const samples = useMemo(() => ({ ...tokenSamples(facts.vocabulary), ...typed }), [facts.vocabulary, typed]);
  const preview = usePromptPreview({
    of: `${document.id}/metadata/${key}`,
    text: live,
    asRead: textOf(facts.asRead.find((one) => one.section === section && one.key === key)),
    kind: 'jinja',
    samples,
  });
  const type = (next: string) => {
    follow(next);
    typeText({ document: document.id, key: `metadata ${key}`, text: next }, (last, amend) =>
      makeEdit(document.id, { op: 'set-metadata', args: { section, key, text: last } }, amend),
    );
  };
  const isSplit = width >= SPLIT_WIDTH;
  return (
    <div className={s.view} ref={view}>
      <div className={s.bar}>
        {choice}
        {!isSplit && (
          <Segments
            label="Show"
            value={pane}
            options={[
              ['conversation', 'Conversation'],
              ['template', 'Template'],
            ]}
            onChange={setPane}
          />
        )}
        <span className={`mono ${s.key}`}>{key}</span>
        <span className={s.actions}>
          <IconButton label="Wrap long lines" aria-pressed={wrap} onClick={() => changeSettings({ wrapText: !wrap })}>
            <WrapText size={15} aria-hidden="true" />
          </IconButton>
          <CopyButton text={text} label="Copy template" />
        </span>
      </div>
      <div className={s.sheet} data-split={isSplit || undefined}>
        {(isSplit || pane === 'template') && (
          <CodeEditor
            text={text}
            language="jinja"
            wrap={wrap}
            label={`Text of ${key}`}
            onType={document.metadataPlaces.length > 0 ? type : undefined}
            onLeave={() => void flushTyping()}
          />
        )}
        {(isSplit || pane === 'conversation') && <PromptPane document={document.id} label={key} preview={preview} />}
      </div>
      {error && (
        <p className={s.wrong} role="alert">
          Not taken over: {describeError(error)}
        </p>
      )}
    </div>
  );
}

/** What templates call special tokens, with the texts that the vocabulary has for them. */
function tokenSamples(vocabulary: VocabularyFacts | null): Record<string, string> {
  const names: Readonly<Record<string, string>> = {
    unknown: 'unk',
    padding: 'pad',
    seperator: 'sep',
    separator: 'sep',
  };
  return Object.fromEntries(
    (vocabulary?.special ?? []).flatMap(({ name, token }) =>
      token === undefined ? [] : [[`${names[name] ?? name}_token`, token] as const],
    ),
  );
}
