import { useId } from 'react';
import type { InputSpec } from '../../../src-core/index.ts';
import { type KeptOutput, offerOutputs, useKeptOutputs } from '../../state/kept-outputs.ts';
import type { SampleChoice } from '../../state/run-samples.ts';
import { shapeText } from '../../ui/format.ts';
import s from './run.module.css';

interface KeptSampleProps {
  readonly choice: Extract<SampleChoice, { kind: 'kept' }>;
  readonly input: InputSpec;
  readonly onChange: (choice: SampleChoice) => void;
}

/** Outputs of earlier runs: those that fit can be chosen, the others say why not. */
export function KeptSample({ choice, input, onChange }: KeptSampleProps) {
  const name = useId();
  const kept = useKeptOutputs((state) => state.kept);
  const offered = offerOutputs(kept, input);
  const isOlder = choice.output !== undefined && !kept.includes(choice.output);
  if (offered.length === 0 && !isOlder)
    return <p className={s.soft}>Nothing was run yet. Run another module: what it gives can be chosen here.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <fieldset className={s.kept} tabIndex={0}>
      <legend className="unseen">Outputs of earlier runs for {input.name}</legend>
      {isOlder && choice.output && (
        <label>
          <input type="radio" name={name} checked readOnly />
          <KeptName output={choice.output} />
          <span className={s.keptOf}>as it was before its last run</span>
        </label>
      )}
      {offered.map(({ output, why }) => (
        <label key={`${output.document} ${output.path} ${output.label}`} data-unfit={why !== undefined || undefined}>
          <input
            type="radio"
            name={name}
            checked={output === choice.output}
            disabled={why !== undefined}
            onChange={() => onChange({ kind: 'kept', output })}
          />
          <KeptName output={output} />
          <span className={s.keptOf}>{why ?? output.name}</span>
        </label>
      ))}
    </fieldset>
  );
}

const KeptName = ({ output: { name, path, label, tensor } }: { readonly output: KeptOutput }) => (
  <span className={`mono ${s.keptName}`}>
    <b>{[path === '' ? name : path, label].filter(Boolean).join(' ▸ ')}</b> {shapeText(tensor.shape)}
  </span>
);
