import type { RenameRule } from '../../src-core/index.ts';
import { IconButton } from './Button.tsx';
import { FieldRow, NameField } from './FieldRow.tsx';
import { X } from './icons.ts';

interface RuleFieldsProps {
  /** At least one is shown. */
  readonly rules: readonly RenameRule[];
  readonly onChange: (rules: readonly RenameRule[]) => void;
}

export const EMPTY_RULE: RenameRule = { pattern: '', to: '' };

/** Regular expressions and what their matches become, one after the other. */
export function RuleFields({ rules, onChange }: RuleFieldsProps) {
  const shown = rules.length > 0 ? rules : [EMPTY_RULE];
  const change = (index: number, part: Partial<RenameRule>) =>
    onChange(shown.map((rule, i) => (i === index ? { ...rule, ...part } : rule)));
  return shown.map((rule, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place in the list
    <FieldRow key={i}>
      <NameField
        title="Regular expression"
        placeholder="^module\."
        value={rule.pattern}
        onChange={(pattern) => change(i, { pattern })}
      />
      <NameField
        title="Becomes"
        placeholder="$1 is its first group"
        value={rule.to}
        onChange={(to) => change(i, { to })}
      />
      <IconButton
        label={`Remove rule ${i + 1}`}
        disabled={shown.length === 1 && rule.pattern === '' && rule.to === ''}
        onClick={() => onChange(shown.toSpliced(i, 1))}
      >
        <X size={14} aria-hidden="true" />
      </IconButton>
    </FieldRow>
  ));
}
