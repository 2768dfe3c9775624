import { useEffect, useMemo, useRef, useState } from 'react';
import { describeError, type Entry, type TemplateKind } from '../../../src-core/index.ts';
import { makeEdit } from '../../state/edits.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { chooseKind, useChosenKind, useSamples } from '../../state/prompts.ts';
import { changeSettings, type PromptPane as Pane, useSettings } from '../../state/settings.ts';
import { clearTypingError, flushTyping, typeText, useTyping } from '../../state/typing.ts';
import { textOfValue } from '../../state/value-text.ts';
import { IconButton } from '../../ui/Button.tsx';
import { CodeEditor } from '../../ui/CodeEditor.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { guessLanguage, type Language } from '../../ui/code-languages.ts';
import { WrapText } from '../../ui/icons.ts';
import { Segments } from '../../ui/Segments.tsx';
import { useElementSize } from '../../ui/use-element-size.ts';
import { PromptPane } from '../PromptPane.tsx';
import { useLiveText } from '../use-live-text.ts';
import { usePromptPreview } from '../use-prompt-preview.ts';
import { DemoSheet } from './DemoSheet.tsx';
import { demoTable } from './demos.ts';
import { Measure } from './Measure.tsx';
import { PromptVariables } from './PromptVariables.tsx';
import s from './text.module.css';

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['markdown', 'Markdown'],
  ['jinja', 'Jinja'],
  ['json', 'JSON'],
  ['yaml', 'YAML'],
  ['plaintext', 'Plain'],
];
const PANES: readonly (readonly [Pane, string])[] = [
  ['edit', 'Edit'],
  ['split', 'Split'],
  ['preview', 'Preview'],
];
/** Pixels that an editor and a preview need side by side. */
const SPLIT_WIDTH = 640;

interface EntryTextProps {
  readonly document: OpenedDocument;
  readonly entry: Entry;
  /** The entry before every edit. */
  readonly asRead: Entry | null;
}

/** A text in an editor, and what it comes to as a prompt; other values as JSON or, where they are examples, as a table. */
export function EntryText({ document, entry, asRead }: EntryTextProps) {
  const { id: row, key, value } = entry;
  const view = useRef<HTMLDivElement>(null);
  const { width } = useElementSize(view);
  const wrap = useSettings((state) => state.wrapText);
  const wantedPane = useSettings((state) => state.promptPane);
  const table = useMemo(() => (value.type === 'json' ? demoTable(value.json) : undefined), [value]);
  const text = useMemo(() => textOfValue(value), [value]);
  const guess = useMemo<Language>(() => (value.type === 'text' ? guessLanguage(text) : 'json'), [value, text]);
  const error = useTyping((state) => state.error);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was wrong was wrong with the entry before
  useEffect(() => clearTypingError, [key]);
  const [chosen, setChosen] = useState<{ readonly row: number; readonly language: Language } | null>(null);
  const [asTable, setAsTable] = useState(true);

  const { live, follow } = useLiveText(text, key);
  const isText = value.type === 'text';
  const kind = useChosenKind(document.id, key);
  const preview = usePromptPreview({
    of: `${document.id}/${key}`,
    text: isText ? live : '',
    asRead: asRead?.value.type === 'text' ? asRead.value.text : undefined,
    kind: isText ? kind : 'none',
    samples: useSamples(document.id),
  });
  // Doubled braces of str.format look like Jinja's.
  const guessed = guess === 'jinja' && preview?.detected.kind === 'format' ? 'markdown' : guess;
  const language = chosen?.row === row ? chosen.language : guessed;
  const isTemplate = isText && (kind ?? preview?.detected.kind ?? 'none') !== 'none';
  const canSplit = width >= SPLIT_WIDTH;
  const wanted = wantedPane ?? (canSplit ? 'split' : 'edit');
  const pane: Pane = !isTemplate ? 'edit' : wanted === 'split' && !canSplit ? 'edit' : wanted;

  const type = (typed: string) => {
    follow(typed);
    typeText({ document: document.id, key, text: typed }, (last, amend) =>
      makeEdit(document.id, { op: 'set-value', args: { key, ...(isText ? { text: last } : { json: last }) } }, amend),
    );
  };
  const showTable = table !== undefined && asTable;
  const showVariable = (name: string) => {
    changeSettings({ promptPane: canSplit ? 'split' : 'preview' });
    requestAnimationFrame(() =>
      view.current?.querySelector<HTMLElement>(`[data-variable="${CSS.escape(name)}"]`)?.focus(),
    );
  };
  return (
    <div className={s.view} ref={view}>
      <div className={s.bar}>
        {table ? (
          <Segments
            label="Show as"
            value={asTable ? 'table' : 'json'}
            options={[
              ['table', 'Table'],
              ['json', 'JSON'],
              ['yaml', 'YAML'],
            ]}
            onChange={(next) => setAsTable(next === 'table')}
          />
        ) : (
          isText && (
            <>
              {isTemplate && (
                <Segments
                  label="Show"
                  value={pane}
                  options={PANES.filter(([id]) => id !== 'split' || canSplit)}
                  onChange={(next) => changeSettings({ promptPane: next })}
                />
              )}
              {pane !== 'preview' && (
                <Segments
                  label="Colour as"
                  value={language}
                  options={LANGUAGES}
                  onChange={(next) => setChosen({ row, language: next })}
                />
              )}
            </>
          )
        )}
        <span className={s.actions}>
          {!showTable && pane !== 'preview' && (
            <IconButton label="Wrap long lines" aria-pressed={wrap} onClick={() => changeSettings({ wrapText: !wrap })}>
              <WrapText size={15} aria-hidden="true" />
            </IconButton>
          )}
          <CopyButton text={text} label="Copy text" />
        </span>
        {isText && preview && (
          <PromptVariables
            preview={preview}
            kind={kind}
            onKind={(next: TemplateKind) => chooseKind(document.id, key, next)}
            onChoose={showVariable}
          />
        )}
      </div>
      <div className={s.sheet}>
        <div className={s.panes} data-split={pane === 'split' || undefined}>
          {showTable ? (
            <DemoSheet table={table} />
          ) : (
            pane !== 'preview' && (
              <CodeEditor
                text={text}
                language={language}
                wrap={wrap}
                label={`Text of ${key}`}
                onType={type}
                onLeave={() => void flushTyping()}
              />
            )
          )}
          {pane !== 'edit' && <PromptPane document={document.id} label={key} preview={preview} />}
        </div>
        {isText && document.format === 'toml' && document.dialect === 'msgflux' && live === 'None' && (
          <p className={s.warning} role="status">
            msgflux reads the text None from TOML as null: there will be no prompt. Write another text, or keep the file
            as JSON.
          </p>
        )}
        {error && (
          <p className={s.wrong} role="alert">
            Not taken over: {describeError(error)}
          </p>
        )}
        <Measure text={live} />
      </div>
    </div>
  );
}
