import { listPrompts } from '../../../src-core/index.ts';
import { goTo } from '../../state/workspace.ts';
import { Button } from '../../ui/Button.tsx';
import type { Target } from '../view.ts';
import s from './run.module.css';

/** Most modules that are offered. */
const MOST = 40;

/** Modules inside that say something to a model. */
export function PromptChoices({ target: { document, node } }: { readonly target: Target }) {
  const found = listPrompts(document.tree, node, document.dialect, MOST);
  return (
    <div className={s.view}>
      <h2 className="unseen">Run</h2>
      <section className={s.choices} aria-label="Modules with prompts">
        <p>These say something to a model:</p>
        {found.map((choice) => (
          <Button key={choice.node} onClick={() => goTo(document.id, choice.node, 'run')}>
            <span className="mono">{choice.path}</span> <span className={s.soft}>{choice.kind}</span>
          </Button>
        ))}
      </section>
    </div>
  );
}
