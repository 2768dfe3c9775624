import { type FormEvent, useState } from 'react';
import { describeError, type RenameRule } from '../../../src-core/index.ts';
import { changeWishes, useCompare } from '../../state/compare.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { type RulesPreview, useRulesPreview } from '../../state/renames.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { exactCount, plural } from '../../ui/format.ts';
import { X } from '../../ui/icons.ts';
import s from './renames.module.css';

const EMPTY: RenameRule = { pattern: '', to: '' };

/** Rules from A's names to B's, with what they would pair in view while they are written. */
export function RulesCard({ comparison }: { readonly comparison: ComparedDocument }) {
  const applied = useCompare(({ wishes }) => wishes.rules);
  const [rules, setRules] = useState<readonly RenameRule[]>(applied.length > 0 ? applied : [EMPTY]);
  const written = rules.filter(({ pattern }) => pattern !== '');
  const preview = useRulesPreview(comparison, written);
  const isApplied = JSON.stringify(written) === JSON.stringify(applied);
  const change = (index: number, part: Partial<RenameRule>) =>
    setRules(rules.map((rule, i) => (i === index ? { ...rule, ...part } : rule)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    changeWishes({ rules: written });
  };
  const clear = () => {
    setRules([EMPTY]);
    changeWishes({ rules: [] });
  };
  return (
    <Card title="Rules" wide>
      <form className={s.rules} onSubmit={submit}>
        <p className={s.soft}>
          A name of A, changed by the rules one after the other, goes with the entry of B of that name.
        </p>
        {rules.map((rule, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place in the list
          <div key={i} className={s.rule}>
            <label>
              Regular expression
              <input
                className="mono"
                value={rule.pattern}
                placeholder="^module\."
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => change(i, { pattern: event.target.value })}
              />
            </label>
            <label>
              Becomes
              <input
                className="mono"
                value={rule.to}
                placeholder="$1 is its first group"
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => change(i, { to: event.target.value })}
              />
            </label>
            <IconButton
              label={`Remove rule ${i + 1}`}
              disabled={rules.length === 1}
              onClick={() => setRules(rules.toSpliced(i, 1))}
            >
              <X size={14} aria-hidden="true" />
            </IconButton>
          </div>
        ))}
        <Preview preview={preview} hasRules={written.length > 0} />
        <div className={s.actions}>
          <Button onClick={() => setRules([...rules, EMPTY])}>Add a rule</Button>
          {applied.length > 0 && <Button onClick={clear}>Remove all rules</Button>}
          <Button look="primary" type="submit" disabled={isApplied || !preview || 'error' in preview}>
            Apply
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Preview({ preview, hasRules }: { readonly preview: RulesPreview; readonly hasRules: boolean }) {
  if (preview && 'error' in preview)
    return (
      <p className={s.wrong} role="alert">
        {describeError(preview.error)}
      </p>
    );
  if (!hasRules || !preview) return <p className={s.soft}> </p>;
  const { byRule, found, onlyA, onlyB } = preview;
  return (
    <>
      <p role="status">
        {plural(byRule, 'pair')} by rule; {exactCount(onlyA)} would be left only in A, {exactCount(onlyB)} only in B
      </p>
      {found.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        <ul className={`mono ${s.preview}`} aria-label="Pairs that rules would make" tabIndex={0}>
          {found.map(({ keyA, keyB }) => (
            <li key={keyA}>
              <span>{keyA}</span>
              <span aria-hidden="true">→</span>
              <span>{keyB}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
