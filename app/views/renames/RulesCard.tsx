import { type FormEvent, useState } from 'react';
import { describeError, type RenameRule } from '../../../src-core/index.ts';
import { changeWishes, useCompare } from '../../state/compare.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { type RulesPreview, useRulesPreview } from '../../state/renames.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { exactCount, plural } from '../../ui/format.ts';
import { EMPTY_RULE, RuleFields } from '../../ui/RuleFields.tsx';
import s from './renames.module.css';

/** Rules from A's names to B's, with what they would pair in view while they are written. */
export function RulesCard({ comparison }: { readonly comparison: ComparedDocument }) {
  const applied = useCompare(({ wishes }) => wishes.rules);
  const [rules, setRules] = useState<readonly RenameRule[]>(applied.length > 0 ? applied : [EMPTY_RULE]);
  const written = rules.filter(({ pattern }) => pattern !== '');
  const preview = useRulesPreview(comparison, written);
  const isApplied = JSON.stringify(written) === JSON.stringify(applied);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    changeWishes({ rules: written });
  };
  const clear = () => {
    setRules([EMPTY_RULE]);
    changeWishes({ rules: [] });
  };
  return (
    <Card title="Rules" wide>
      <form className={s.rules} onSubmit={submit}>
        <p className={s.soft}>
          A name of A, changed by the rules one after the other, goes with the entry of B of that name.
        </p>
        <RuleFields rules={rules} onChange={setRules} />
        <Preview preview={preview} hasRules={written.length > 0} />
        <div className={s.actions}>
          <Button onClick={() => setRules([...rules, EMPTY_RULE])}>Add a rule</Button>
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
