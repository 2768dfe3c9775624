import type { DspyField } from '../../../src-core/index.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { plural } from '../../ui/format.ts';
import { RotateCcw } from '../../ui/icons.ts';
import s from './run.module.css';

interface PromptFieldsProps {
  readonly fields: readonly DspyField[];
  /** Why the outputs are taken for outputs. */
  readonly why: string;
  /** A person said so. */
  readonly isGiven: boolean;
  readonly onChange: (outputs: readonly string[] | null) => void;
}

/** Which fields of a predictor come out is no state: it is assumed, and can be corrected. */
export function PromptFields({ fields, why, isGiven, onChange }: PromptFieldsProps) {
  const set = (name: string, isOutput: boolean) =>
    onChange(fields.filter((field) => (field.name === name ? isOutput : field.isOutput)).map((field) => field.name));
  return (
    <Card title="Assumed" aside={plural(fields.length, 'field')} padded={false}>
      <ul className={s.assumptions}>
        {fields.map(({ name, isOutput }) => (
          <li key={name}>
            <b className={`mono ${s.name}`}>{name}</b>
            <select
              aria-label={`Direction of ${name}`}
              value={isOutput ? 'output' : 'input'}
              onChange={({ target }) => set(name, target.value === 'output')}
            >
              <option value="input">input</option>
              <option value="output">output</option>
            </select>
          </li>
        ))}
        <li>
          <span className={s.why}>
            <i data-source={isGiven ? 'user' : 'default'}>{isGiven ? 'user' : 'name'}</i> {why}
          </span>
          {isGiven && (
            <Button
              look="quiet"
              title="As it was assumed"
              onClick={(event) => {
                // The button is gone once it is taken back.
                event.currentTarget.closest('ul')?.querySelector('select')?.focus();
                onChange(null);
              }}
            >
              <RotateCcw size={13} aria-hidden="true" />
              Take back
            </Button>
          )}
        </li>
      </ul>
    </Card>
  );
}
