import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { type RenameRule, toErrorInfo } from '../../src-core/index.ts';
import { makeEdit } from '../state/edits.ts';
import { describeRename, type Preview, previewRules, useRenaming } from '../state/renaming.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { plural } from '../ui/format.ts';
import { Segments } from '../ui/Segments.tsx';
import dialogs from './dialogs.module.css';
import s from './RenameDialog.module.css';

const TITLES = { one: 'Rename', copy: 'Duplicate', many: 'Rename by rule' } as const;

/** A new name for one entry, or rules for all, with what they would do in view. */
export function RenameDialog({ onClose }: { readonly onClose: () => void }) {
  const { document, key, rules: given } = useRenaming();
  const asked = useRenaming((state) => state.mode);
  const [mode, setMode] = useState(asked);
  const [to, setTo] = useState(asked === 'copy' ? `${key}_copy` : key);
  const [pattern, setPattern] = useState(given[0]?.pattern ?? '^module\\.');
  const [replacement, setReplacement] = useState(given[0]?.to ?? '');
  // Several are a system's own, and are taken as they are.
  const rules = useMemo(
    () => (given.length > 1 ? given : [{ pattern, to: replacement }]),
    [given, pattern, replacement],
  );
  const [preview, setPreview] = useState<Preview | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);

  useEffect(() => {
    if (mode !== 'many' || document === null) return;
    let wanted = true;
    void previewRules(document, rules).then((found) => wanted && setPreview(found));
    return () => {
      wanted = false;
    };
  }, [document, mode, rules]);

  if (document === null) return null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      if (mode === 'many') {
        await makeEdit(document, { op: 'rename-rules', args: { rules } });
      } else await makeEdit(document, { op: mode === 'one' ? 'rename' : 'duplicate', args: { key, to } });
      onClose();
    } catch (error) {
      setWrong(describeRename(toErrorInfo(error)));
    }
  };
  const isReady =
    mode === 'many' ? (preview?.count ?? 0) > 0 && preview?.collisions.length === 0 : to !== key && to !== '';
  return (
    <Dialog open onClose={onClose} title={TITLES[mode]}>
      <form className={s.form} onSubmit={(event) => void submit(event)}>
        {key !== '' && mode !== 'copy' && (
          <Segments
            label="What to rename"
            value={mode}
            options={[
              ['one', 'This entry'],
              ['many', 'All, by a rule'],
            ]}
            onChange={setMode}
          />
        )}
        {mode === 'many' ? (
          <>
            {given.length > 1 ? (
              <RuleList rules={given} />
            ) : (
              <>
                <label>
                  Regular expression
                  <input
                    className={`mono ${dialogs.field}`}
                    value={pattern}
                    spellCheck={false}
                    aria-invalid={preview?.error !== undefined}
                    onChange={(event) => setPattern(event.target.value)}
                  />
                </label>
                <label>
                  <span>Becomes ($1 is its first group)</span>
                  <input
                    className={`mono ${dialogs.field}`}
                    value={replacement}
                    spellCheck={false}
                    onChange={(event) => setReplacement(event.target.value)}
                  />
                </label>
              </>
            )}
            <RulePreview preview={preview} />
          </>
        ) : (
          <label>
            {mode === 'one' ? 'New name' : 'Name of the copy'}
            <input
              className={`mono ${dialogs.field}`}
              value={to}
              spellCheck={false}
              onChange={(event) => {
                setTo(event.target.value);
                setWrong(null);
              }}
            />
          </label>
        )}
        <div className={dialogs.actions}>
          {wrong && (
            <span className={dialogs.note} data-bad role="alert">
              {wrong}
            </span>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={!isReady}>
            {mode === 'copy' ? 'Duplicate' : mode === 'many' && preview ? `Rename ${preview.count}` : 'Rename'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function RuleList({ rules }: { readonly rules: readonly RenameRule[] }) {
  return (
    <details className={dialogs.more}>
      <summary>{plural(rules.length, 'rule')}, one after the other</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled list must be reachable by keyboard */}
      <ol className={`${dialogs.list} ${s.renames}`} aria-label="Rules" tabIndex={0}>
        {rules.map(({ pattern, to }) => (
          <li key={pattern}>
            <del>{pattern}</del>
            <ins>{to}</ins>
          </li>
        ))}
      </ol>
    </details>
  );
}

function RulePreview({ preview }: { readonly preview: Preview | null }) {
  if (!preview) return <p className={dialogs.note}>Looking…</p>;
  if (preview.error !== undefined)
    return (
      <p className={dialogs.note} data-bad>
        {preview.error}
      </p>
    );
  const { count, renames, collisions } = preview;
  return (
    <>
      <p className={dialogs.note} data-bad={collisions.length > 0 || undefined} role="status">
        {collisions.length > 0
          ? `Two entries would be called ${collisions.slice(0, 3).join(', ')}`
          : count === 0
            ? 'No name matches'
            : `${plural(count, 'name')} would change`}
      </p>
      {renames.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled list must be reachable by keyboard
        <ul className={`${dialogs.list} ${s.renames}`} aria-label="Names that would change" tabIndex={0}>
          {renames.map(({ row, key, to }) => (
            <li key={row}>
              <del>{key}</del>
              <ins>{to}</ins>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
