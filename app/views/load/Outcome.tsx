import type { ReactNode } from 'react';
import { type PlannedLoad, policyOf } from '../../state/load.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { exactCount, plural } from '../../ui/format.ts';
import { CircleAlert, CircleCheck, TriangleAlert } from '../../ui/icons.ts';
import s from './load.module.css';
import { toneOfVerdict, wordVerdict } from './verdict-words.ts';

const SIGNS = { bad: CircleAlert, warn: TriangleAlert, good: CircleCheck } as const;
/** More of it is not read by anybody; the whole is copied. */
const SHOWN_CHARACTERS = 12_000;

interface OutcomeProps {
  readonly load: PlannedLoad;
  /** What can be done about it. */
  readonly act: ReactNode;
}

/** The whole in one line, and the very words of the system. */
export function Outcome({ load, act }: OutcomeProps) {
  const policy = policyOf(load.policy);
  const tone = toneOfVerdict(load, policy);
  const Sign = SIGNS[tone];
  const { words } = load;
  const title = titleOf(load);
  return (
    <section className={s.verdict} data-tone={tone} aria-label="Verdict">
      <Sign size={20} strokeWidth={1.75} aria-hidden="true" />
      <p className={s.headline} role="status">
        {wordVerdict(load, policy)}
      </p>
      {act}
      {words === '' ? (
        <p className={s.silence}>
          {tone === 'good' ? 'It says nothing.' : 'It says nothing of it: no error, no warning.'}
        </p>
      ) : (
        <section className={s.words} aria-label={title}>
          <header>
            <h2>{title}</h2>
            <CopyButton text={words} label="Copy what it says" />
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
          <pre tabIndex={0}>
            {words.slice(0, SHOWN_CHARACTERS)}
            {words.length > SHOWN_CHARACTERS && `… ${exactCount(words.length - SHOWN_CHARACTERS)} characters more`}
          </pre>
        </section>
      )}
    </section>
  );
}

/** Of the others, warnings are what nobody would hear of. */
const WARNERS = /^(?:torch|caten)/;

function titleOf({ policy, raises, warnings }: PlannedLoad): string {
  if (raises !== null) return 'What it raises';
  if (warnings === 0) return 'What it returns';
  return WARNERS.test(policy) ? plural(warnings, 'warning') : 'What it does not say';
}
