import { describeError, type TokeniserFacts } from '../../../src-core/index.ts';
import type { DocumentId } from '../../state/engine.ts';
import type { SampleChoice } from '../../state/run-samples.ts';
import { useEncodedText } from '../../state/tokens.ts';
import { plural } from '../../ui/format.ts';
import s from './run.module.css';
import { wordToken } from './word-token.ts';

interface TextSampleProps {
  readonly document: DocumentId;
  readonly text: string;
  readonly tokeniser: TokeniserFacts | undefined;
  /** Tokens that the module knows are below it. */
  readonly below: number | undefined;
  readonly onChange: (sample: SampleChoice) => void;
}

/** Tokens that are shown; of a longer text the count stands for the rest. */
const SHOWN = 300;

/** A text, and the tokens it becomes. */
export function TextSample({ document, text, tokeniser, below = Number.POSITIVE_INFINITY, onChange }: TextSampleProps) {
  const { encoded, error } = useEncodedText(document, text);
  const count = encoded?.ids.length ?? 0;
  return (
    <>
      <label className={s.field}>
        Text
        <textarea
          className="mono"
          rows={3}
          value={text}
          spellCheck={false}
          onChange={({ target }) => onChange({ kind: 'text', text: target.value })}
        />
      </label>
      {error && (
        <p className={s.failure} role="alert">
          {describeError(error)}
        </p>
      )}
      {tokeniser?.assumed !== undefined && (
        <p className={s.why}>
          <i data-source="default">assumed</i> {tokeniser.assumed}.
        </p>
      )}
      {!error && (
        // Of a large vocabulary the first text takes some seconds.
        <p className={s.count} aria-busy={!encoded}>
          {encoded ? plural(count, 'token') : 'Cutting it into tokens'}
          {tokeniser && wordSource(tokeniser)}
        </p>
      )}
      {encoded && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        <section className={s.tokens} tabIndex={0} aria-label="Tokens of the text">
          <ol className={`mono ${s.chips}`}>
            {encoded.ids.slice(0, SHOWN).map((id, i) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the text
                key={i}
                className={s.chip}
                title={id < below ? `token ${id}` : `token ${id}: the module has ${below}`}
                data-unknown={id >= below || undefined}
              >
                {wordToken(encoded.names[i]!)}
              </li>
            ))}
          </ol>
          {count > SHOWN && <p className={s.soft}>and {count - SHOWN} more</p>}
        </section>
      )}
    </>
  );
}

/** Where tokens come from. */
const wordSource = ({ kind, file, way }: TokeniserFacts): string => {
  if (kind === 'gguf') return `, by the tokenizer of the file (${way})`;
  return file === undefined ? ', by the characters of the file' : `, by ${file.slice(file.lastIndexOf('/') + 1)}`;
};
