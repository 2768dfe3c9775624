import type { TemplateKind } from '../../../src-core/index.ts';
import type { PromptPreview } from '../../state/prompts.ts';
import p from '../prompt.module.css';

interface PromptVariablesProps {
  readonly preview: PromptPreview;
  /** What a person said that it is; a guess otherwise. */
  readonly kind: TemplateKind | undefined;
  readonly onKind: (kind: TemplateKind) => void;
  readonly onChoose: (name: string) => void;
}

const KINDS: readonly (readonly [TemplateKind, string])[] = [
  ['jinja', 'Jinja template'],
  ['format', 'str.format template'],
  ['none', 'No template'],
];

/** What a text is as a template, and the names it asks for: each a way to its value. */
export function PromptVariables({ preview: { detected, fields }, kind, onKind, onChoose }: PromptVariablesProps) {
  return (
    <div className={p.variables}>
      <select
        aria-label="Kind of template"
        title={kind === undefined ? 'A guess by how the text is written' : undefined}
        className={p.kind}
        value={detected.kind}
        onChange={(event) => onKind(event.target.value as TemplateKind)}
      >
        {KINDS.map(([id, title]) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
      {detected.kind !== 'none' && (
        <ul className={p.chips} aria-label="Variables">
          {fields.map(({ name }) => (
            <li key={name}>
              <button type="button" className={`mono ${p.chip}`} onClick={() => onChoose(name)}>
                {name}
              </button>
            </li>
          ))}
          {fields.length === 0 && !detected.error && <li className={p.note}>no variables</li>}
        </ul>
      )}
    </div>
  );
}
