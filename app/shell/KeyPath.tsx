import { ancestry, labelOf } from '../state/tree-labels.ts';
import { goTo } from '../state/workspace.ts';
import type { Target } from '../views/view.ts';
import s from './MainPane.module.css';

/** The key of what is selected, each part a way up. */
export function KeyPath({ target }: { readonly target: Target }) {
  const { document, node } = target;
  return (
    <h1 className={s.path}>
      {ancestry(document.tree, node).map((step, i) => {
        const label = labelOf(document.tree, step) || '(empty)';
        return (
          <span key={step}>
            {i > 0 && <span className={s.dot}>.</span>}
            {step === node ? (
              label
            ) : (
              <button type="button" onClick={() => goTo(document.id, step)}>
                {label}
              </button>
            )}
          </span>
        );
      })}
    </h1>
  );
}
