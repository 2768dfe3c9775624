import { useMemo, useState } from 'react';
import { type Entry, indentJson } from '../../../src-core/index.ts';
import { entryOf } from '../../state/explorer.ts';
import { entryDetail } from '../../state/resources.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { Answer } from '../../ui/Answer.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { CodeEditor } from '../../ui/CodeEditor.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { guessLanguage, type Language } from '../../ui/code-languages.ts';
import { exactCount, plural } from '../../ui/format.ts';
import { WrapText } from '../../ui/icons.ts';
import { Segments } from '../../ui/Segments.tsx';
import { Empty } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import { type DemoTable, demoTable } from './demos.ts';
import { measureText } from './measure.ts';
import s from './text.module.css';

/** Text entries, and JSON values as text or, where they are examples, as a table. */
export default function Text({ target }: { readonly target: Target }) {
  const row = entryOf(target.document, target.node);
  if (row === undefined) return null;
  return <Answer to={entryDetail(target.document.id, row)}>{({ entry }) => <EntryText entry={entry} />}</Answer>;
}

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['markdown', 'Markdown'],
  ['jinja', 'Jinja'],
  ['json', 'JSON'],
  ['plaintext', 'Plain'],
];

function EntryText({ entry }: { readonly entry: Entry }) {
  const { id: row, value } = entry;
  const wrap = useSettings((state) => state.wrapText);
  const table = useMemo(() => (value.type === 'json' ? demoTable(value.json) : undefined), [value]);
  const text = useMemo(() => {
    if (value.type === 'text') return value.text;
    return value.type === 'json' ? indentJson(value.json) : '';
  }, [value]);
  const guess = useMemo<Language>(() => (value.type === 'json' ? 'json' : guessLanguage(text)), [value, text]);
  const [chosen, setChosen] = useState<{ readonly row: number; readonly language: Language } | null>(null);
  const [asTable, setAsTable] = useState(true);
  const measure = useMemo(() => measureText(text), [text]);
  const language = chosen?.row === row ? chosen.language : guess;
  if (value.type === 'text' && text === '')
    return <Empty title="Empty text">The entry is there and holds no letters.</Empty>;
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
          <CodeEditor text={text} language={language} wrap={wrap} label={`Text of ${entry.key}`} />
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
