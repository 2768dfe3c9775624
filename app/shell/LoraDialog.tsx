import { type FormEvent, useEffect, useState } from 'react';
import { bake, type LoraForm, type LoraPlanned, planBaking, useBaking } from '../state/baking.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { wordWrong } from '../state/tensor-editing.ts';
import { Button } from '../ui/Button.tsx';
import { CheckBox } from '../ui/CheckBox.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { plural } from '../ui/format.ts';
import dialogs from './dialogs.module.css';
import s from './TensorDialog.module.css';
import { Field } from './TensorFields.tsx';
import { Notes } from './TensorOutcome.tsx';

/** Adds low-rank updates to the weights they are of: which ones, and by how much, is in view before. */
export function LoraDialog({ onClose }: { readonly onClose: () => void }) {
  const { document, lora } = useBaking();
  if (!document || !lora) return null;
  const isOwn = document.id === lora.id;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Bake LoRA"
      about={
        <>
          Adds the low-rank updates {isOwn ? 'in' : 'of'} <span className="mono">{lora.name}</span> to the weights they
          are of
          {!isOwn && (
            <>
              , in <span className="mono">{document.name}</span>
            </>
          )}
          : W + strength × alpha / rank × (B @ A).
        </>
      }
    >
      <LoraEditor document={document} lora={lora} isOwn={isOwn} onClose={onClose} />
    </Dialog>
  );
}

interface LoraEditorProps {
  readonly document: OpenedDocument;
  readonly lora: OpenedDocument;
  readonly isOwn: boolean;
  readonly onClose: () => void;
}

function LoraEditor({ document, lora, isOwn, onClose }: LoraEditorProps) {
  const { form: first, config } = useBaking();
  const [form, setForm] = useState(first);
  const [failed, setFailed] = useState<string>();
  const [answer, setAnswer] = useState<LoraPlanned | null>(null);
  useEffect(() => {
    let isWanted = true;
    void planBaking(document, lora, form).then((found) => isWanted && setAnswer(found));
    return () => {
      isWanted = false;
    };
  }, [document, lora, form]);
  const change = (next: Partial<LoraForm>) => {
    setForm({ ...form, ...next });
    setFailed(undefined);
  };
  const plan = answer && 'plan' in answer ? answer.plan : undefined;
  const problem = failed ?? (answer && 'wrong' in answer ? answer.wrong : undefined);
  const hasSeveral = form.adapter !== '' || plan?.left.some(({ why }) => why.includes('name an adapter'));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await bake(document, lora, form);
      onClose();
    } catch (error) {
      setFailed(wordWrong(error).replace(/^bake-lora: /, ''));
    }
  };
  return (
    <form className={s.form} onSubmit={(event) => void submit(event)}>
      <div className={s.row}>
        <Field
          label="Alpha (a number, or rank)"
          value={form.alpha}
          placeholder="as the file has it"
          onChange={(alpha) => change({ alpha })}
        />
        <Field label="Strength" value={form.strength} onChange={(strength) => change({ strength })} />
        {hasSeveral && <Field label="Adapter" value={form.adapter} onChange={(adapter) => change({ adapter })} />}
      </div>
      <div className={s.checks}>
        <CheckBox checked={form.rankStabilised} onChange={(rankStabilised) => change({ rankStabilised })}>
          Rank-stabilised: alpha / √rank
        </CheckBox>
        <CheckBox checked={form.fanInFanOut} onChange={(fanInFanOut) => change({ fanInFanOut })}>
          Square weights are stored [in, out]
        </CheckBox>
        {isOwn && (
          <CheckBox checked={form.remove} onChange={(remove) => change({ remove })}>
            Take the baked factors out of the document
          </CheckBox>
        )}
      </div>
      <Notes>{config}</Notes>
      {plan && plan.bakes.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled list must be reachable by keyboard
        <ul className={`${dialogs.list} ${s.pairs}`} aria-label="Weights that are updated" tabIndex={0}>
          {plan.bakes.map(({ key, down, rank, scale, alpha }) => (
            <li key={down}>
              <span className="mono">{key}</span>
              <span className="numbers">
                rank {rank}, × {Number(scale.toPrecision(4))}
                {alpha !== undefined && ' × alpha / rank'}
              </span>
            </li>
          ))}
        </ul>
      )}
      {plan && plan.left.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled list must be reachable by keyboard
        <ul className={`${dialogs.list} ${s.pairs}`} aria-label="What is left as it is" tabIndex={0}>
          {plan.left.map(({ key, why }) => (
            <li key={key}>
              <span className="mono">{key}</span>
              <span>{why}</span>
            </li>
          ))}
        </ul>
      )}
      <div className={dialogs.actions}>
        <span className={dialogs.note} data-bad={problem !== undefined || undefined} role="alert">
          {problem ??
            (plan &&
              plan.left.length > 0 &&
              `${plural(plan.left.length, 'entry stays as it is', 'entries stay as they are')}`)}
        </span>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" disabled={problem !== undefined || !plan || plan.bakes.length === 0}>
          {plan && plan.bakes.length > 0 ? `Bake into ${plural(plan.bakes.length, 'weight')}` : 'Bake'}
        </Button>
      </div>
    </form>
  );
}
