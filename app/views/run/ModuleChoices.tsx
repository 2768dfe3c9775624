import type { DocumentId } from '../../state/engine.ts';
import { goTo } from '../../state/workspace.ts';
import { Button } from '../../ui/Button.tsx';
import { KeyText } from '../../ui/KeyText.tsx';
import s from './run.module.css';

interface ModuleChoicesProps {
  readonly document: DocumentId;
  readonly label: string;
  /** What they are there for. */
  readonly title: string;
  readonly choices: readonly { readonly node: number; readonly path: string; readonly kind: string }[];
}

/** Modules inside that can be run where this one cannot. */
export function ModuleChoices({ document, label, title, choices }: ModuleChoicesProps) {
  return (
    <section className={s.choices} aria-label={label}>
      <p>{title}</p>
      {choices.map(({ node, path, kind }) => (
        <Button key={node} className={s.choice} onClick={() => goTo(document, node, 'run')}>
          <span className="mono">
            <KeyText text={path} />
          </span>{' '}
          <span className={s.soft}>{kind}</span>
        </Button>
      ))}
    </section>
  );
}
