import { type FormEvent, useState } from 'react';
import { describeError, type RoleName, toErrorInfo } from '../../src-core/index.ts';
import { hasSpec, setRole, useRoleChoice } from '../state/roles.ts';
import { Button } from '../ui/Button.tsx';
import { Choices } from '../ui/Choices.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import dialogs from './dialogs.module.css';
import s from './TensorDialog.module.css';

const ROLES: readonly (readonly [role: RoleName, title: string, about: string])[] = [
  ['parameter', 'Parameter', 'what training changes'],
  ['buffer', 'Buffer', 'kept with the module, not trained'],
  ['variable', 'Variable', 'of flax.nnx, by its class'],
  ['state', 'State', 'changes while the module runs'],
  ['extra-state', 'Extra state', 'what the module itself saves beside'],
  ['optimizer', 'Optimiser', 'moments and the like'],
  ['artifact', 'Artefact', 'belongs to no module'],
  ['unknown', 'Not known', 'nobody says'],
];

/** What an entry is to its module, where a person knows it and the file does not say. */
export function RoleDialog({ onClose }: { readonly onClose: () => void }) {
  const { document, key, role: before, spec: specBefore } = useRoleChoice();
  const [role, setChosen] = useState(before);
  const [spec, setSpec] = useState(specBefore);
  const [wrong, setWrong] = useState<string>();
  if (!document) return null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await setRole(document, key, role, spec);
      onClose();
    } catch (error) {
      setWrong(describeError(toErrorInfo(error)));
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Role"
      about={
        <>
          Of <span className="mono">{key}</span>. The file has no place for it: it is saved beside the file, as a{' '}
          <span className="mono">.stateglass.json</span>.
        </>
      }
    >
      <form className={s.form} onSubmit={(event) => void submit(event)}>
        <Choices
          label="Role"
          value={role}
          onChange={(next) => setChosen(next as RoleName)}
          choices={ROLES.map(([value, title, about]) => ({ value, title, about }))}
        />
        <label className={s.label} hidden={!hasSpec(role)}>
          {role === 'variable' ? 'Class' : 'Spec, as its system writes it (may be empty)'}
          <input
            className={`mono ${dialogs.field}`}
            value={spec}
            placeholder={role === 'variable' ? 'BatchStat' : "P('data', None)"}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setSpec(event.target.value)}
          />
        </label>
        <div className={dialogs.actions}>
          <span className={dialogs.note} data-bad role="alert">
            {wrong}
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Set role
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
