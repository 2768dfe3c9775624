import type { RunDescription } from '../../../src-core/index.ts';
import type { Result, RunForm } from '../../state/run.ts';
import { Card } from '../../ui/Card.tsx';
import { CheckBox } from '../../ui/CheckBox.tsx';
import { plural } from '../../ui/format.ts';
import { KeyText } from '../../ui/KeyText.tsx';
import { Loading } from '../../ui/States.tsx';
import { OutputCard } from './OutputCard.tsx';
import s from './run.module.css';

interface InsideProps {
  readonly description: RunDescription;
  readonly result: Result;
  readonly form: RunForm;
  readonly onChange: (part: Partial<RunForm>) => void;
}

/** Every module inside: a click shows what it gave. */
export function Inside({ description, result, form, onChange }: InsideProps) {
  const paths = description.taps.filter((path) => path !== '');
  // Names of a graph's values with slashes are whole; modules lie in one another.
  const isNested = !paths.some((path) => path.includes('/'));
  const { tap } = form;
  const shown = tap === null ? undefined : result.answer.taps[tap];
  return (
    <>
      {paths.length > 0 && (
        <Card title="Inside" aside={plural(paths.length, 'value')} padded={false}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
          <section className={s.inside} tabIndex={0} aria-label="Modules inside">
            {paths.map((path) => (
              <button
                key={path}
                type="button"
                aria-pressed={path === tap}
                className={`mono ${s.tap}`}
                style={{ paddingLeft: 14 + (isNested ? 12 * (path.split('.').length - 1) : 0) }}
                onClick={() => onChange({ tap: path === tap ? null : path })}
              >
                <KeyText text={path} />
              </button>
            ))}
          </section>
        </Card>
      )}
      {tap !== null &&
        paths.includes(tap) &&
        (shown ? (
          <OutputCard label={tap} tensor={shown} other={result.other?.taps[tap]} />
        ) : (
          <Loading label={`Running up to ${tap}`} />
        ))}
      <div className={s.foot}>
        <CheckBox checked={form.profile} onChange={(profile) => onChange({ profile })}>
          Measure each node
        </CheckBox>
      </div>
    </>
  );
}
