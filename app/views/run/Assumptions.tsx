import {
  type AssumedValue,
  type AssumptionGroup,
  groupAssumptions,
  type RunDescription,
} from '../../../src-core/index.ts';
import type { DocumentId } from '../../state/engine.ts';
import { changeRun, type RunForm } from '../../state/run.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { plural } from '../../ui/format.ts';
import { RotateCcw } from '../../ui/icons.ts';
import s from './run.module.css';

interface AssumptionsProps {
  readonly document: DocumentId;
  readonly path: string;
  readonly description: RunDescription;
  readonly form: RunForm;
}

/** What the weights do not tell, and was assumed: each can be corrected. */
export function Assumptions({ document, path, description, form }: AssumptionsProps) {
  const groups = groupAssumptions(description.assumptions);
  if (groups.length === 0) return null;
  const set = ({ name, paths }: AssumptionGroup, value: AssumedValue | undefined) => {
    let { corrections } = form;
    for (const of of paths) {
      corrections = corrections.filter((known) => known.name !== name || known.path !== of);
      if (value !== undefined) corrections = [...corrections, { path: of, name, value }];
    }
    changeRun(document, path, { corrections });
  };
  return (
    <Card title="Assumed" aside={plural(description.assumptions.length, 'assumption')} padded={false}>
      <ul className={s.assumptions}>
        {groups.map((one) => (
          <li key={`${one.name} ${one.paths[0]}`}>
            <span className={s.name}>
              <b className="mono">{one.name}</b>
              <span className={`mono ${s.of}`} title={one.paths.join('\n')}>
                {wordPaths(one.paths)}
              </span>
            </span>
            <Field of={one} onChange={(value) => set(one, value)} />
            <span className={s.why}>
              <i data-source={one.source}>{one.source}</i> {one.why}
            </span>
            {one.source === 'user' && (
              <Button
                look="quiet"
                title="As it was assumed"
                onClick={(event) => {
                  focusField(event.currentTarget);
                  set(one, undefined);
                }}
              >
                <RotateCcw size={13} aria-hidden="true" />
                Take back
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** The button is gone once it is taken back; what it was of stays. */
const focusField = (button: HTMLElement): void =>
  button.closest('li')?.querySelector<HTMLElement>('select, input')?.focus();

const wordPaths = (paths: readonly string[]): string => {
  const named = paths.filter(Boolean);
  if (paths.length > 1) return `${paths.length} modules`;
  return named[0] ?? '';
};

/** A list where there are only so many values, else a field of their type. Half-typed numbers change nothing. */
function Field({ of, onChange }: { readonly of: AssumptionGroup; readonly onChange: (value: AssumedValue) => void }) {
  const { name, value, choices, paths } = of;
  const label = `${name}${paths[0] ? ` of ${wordPaths(paths)}` : ''}`;
  if (choices?.length === 1) return <span className="mono">{String(value)}</span>;
  const all = choices ?? (typeof value === 'boolean' ? [false, true] : undefined);
  if (all) {
    return (
      <select
        aria-label={label}
        value={all.indexOf(value)}
        onChange={(event) => onChange(all[Number(event.target.value)]!)}
      >
        {all.map((choice, i) => (
          <option key={String(choice)} value={i}>
            {typeof choice === 'boolean' ? (choice ? 'yes' : 'no') : choice}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      aria-label={label}
      className="mono"
      defaultValue={String(value)}
      key={String(value)}
      inputMode={typeof value === 'number' ? 'decimal' : 'text'}
      spellCheck={false}
      autoComplete="off"
      onBlur={(event) => take(event.target.value)}
      onKeyDown={(event) => event.key === 'Enter' && take(event.currentTarget.value)}
    />
  );

  function take(text: string): void {
    const next = typeof value === 'number' ? Number(text) : text;
    if (text.trim() === '' || next === value || Number.isNaN(next)) return;
    onChange(next);
  }
}
