import { useEffect, useMemo, useState } from 'react';
import { describeError, type Entry } from '../../../src-core/index.ts';
import { makeEdit } from '../../state/edits.ts';
import type { DocumentId } from '../../state/engine.ts';
import { entryOf } from '../../state/explorer.ts';
import { entryDetail } from '../../state/resources.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { clearTypingError, flushTyping, typeText, useTyping } from '../../state/typing.ts';
import { textOfValue } from '../../state/value-text.ts';
import { Answer } from '../../ui/Answer.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { CodeEditor } from '../../ui/CodeEditor.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { guessLanguage, type Language } from '../../ui/code-languages.ts';
import { exactCount, plural } from '../../ui/format.ts';
import { WrapText } from '../../ui/icons.ts';
import { Segments } from '../../ui/Segments.tsx';
import type { Target } from '../view.ts';
import { type DemoTable, demoTable } from './demos.ts';
import { measureText } from './measure.ts';
import s from './text.module.css';

/** Text entries, and JSON values as text or, where they are examples, as a table. */
export default function Text({ target }: { readonly target: Target }) {
  const row = entryOf(target.document, target.node);
  if (row === undefined) return null;
  return (
    <Answer to={entryDetail(target.document.id, row)}>
      {({ entry }) => <EntryText document={target.document.id} entry={entry} />}
    </Answer>
  );
}

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['markdown', 'Markdown'],
  ['jinja', 'Jinja'],
  ['json', 'JSON'],
  ['plaintext', 'Plain'],
];

interface EntryTextProps {
  readonly document: DocumentId;
  readonly entry: Entry;
}

function EntryText({ document, entry }: EntryTextProps) {
  const { id: row, value } = entry;
  const wrap = useSettings((state) => state.wrapText);
  const table = useMemo(() => (value.type === 'json' ? demoTable(value.json) : undefined), [value]);
  const text = useMemo(() => textOfValue(value), [value]);
  const guess = useMemo<Language>(() => (value.type === 'text' ? guessLanguage(text) : 'json'), [value, text]);
  const error = useTyping((state) => state.error);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was wrong was wrong with the entry before
  useEffect(() => clearTypingError, [entry.key]);
  const [chosen, setChosen] = useState<{ readonly row: number; readonly language: Language } | null>(null);
  const [asTable, setAsTable] = useState(true);
  const measure = useMemo(() => measureText(text), [text]);
  const language = chosen?.row === row ? chosen.language : guess;
  const type = (typed: string) =>
    typeText({ document, key: entry.key, text: typed }, (last, amend) =>
      makeEdit(
        document,
        { op: 'set-value', args: { key: entry.key, ...(value.type === 'text' ? { text: last } : { json: last }) } },
        amend,
      ),
    );
  const showTable = table !== undefined && asTable;
  return (
    <div className={s.view}>
      <div className={s.bar}>
        {table ? (
          <Segments
            label="Show as"
            value={asTable ? 'table' : 'json'}
            options={[
              ['table', 'Table'],
              ['json', 'JSON'],
            ]}
            onChange={(next) => setAsTable(next === 'table')}
          />
        ) : (
          value.type === 'text' && (
            <Segments
              label="Colour as"
              value={language}
              options={LANGUAGES}
              onChange={(next) => setChosen({ row, language: next })}
            />
          )
        )}
        <span className={s.actions}>
          {!showTable && (
            <IconButton label="Wrap long lines" aria-pressed={wrap} onClick={() => changeSettings({ wrapText: !wrap })}>
              <WrapText size={15} aria-hidden="true" />
            </IconButton>
          )}
          <CopyButton text={text} label="Copy text" />
        </span>
      </div>
      <div className={s.sheet}>
        {showTable ? (
          <Demos table={table} />
        ) : (
          <CodeEditor
            text={text}
            language={language}
            wrap={wrap}
            label={`Text of ${entry.key}`}
            onType={type}
            onLeave={() => void flushTyping()}
          />
        )}
        {error && (
          <p className={s.wrong} role="alert">
            Not taken over: {describeError(error)}
          </p>
        )}
        <p className={`numbers ${s.measure}`}>
          <span>{plural(measure.characters, 'character')}</span>
          <span>{plural(measure.words, 'word')}</span>
          <span>{plural(measure.lines, 'line')}</span>
          <span title="An estimate by length: about four Latin letters a token. A model's own tokeniser counts differently.">
            ≈ {exactCount(measure.tokens)} tokens (estimate)
          </span>
        </p>
      </div>
    </div>
  );
}

function Demos({ table }: { readonly table: DemoTable }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled table must be reachable by keyboard
    <section className={s.demos} aria-label="Examples" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">#</th>
            {table.fields.map((field) => (
              <th key={field} scope="col">
                {field}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((cells, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: examples have no name but their place
            <tr key={i}>
              <th scope="row">{i + 1}</th>
              {cells.map((cell, j) => (
                <td key={table.fields[j]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
