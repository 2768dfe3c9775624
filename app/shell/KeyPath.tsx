import { Fragment } from 'react';
import { ancestry, labelOf } from '../state/tree-labels.ts';
import { goTo } from '../state/workspace.ts';
import { KeyText } from '../ui/KeyText.tsx';
import type { Target } from '../views/view.ts';
import s from './MainPane.module.css';

/** The key of what is selected, each part a way up. A long one breaks after its separators. */
export function KeyPath({ target }: { readonly target: Target }) {
  const { document, node } = target;
  return (
    <h1 className={s.path}>
      {ancestry(document.tree, node).map((step) => {
        const label = <KeyText text={labelOf(document.tree, step) || '(empty)'} />;
        if (step === node) return <Fragment key={step}>{label}</Fragment>;
        return (
          <Fragment key={step}>
            <button type="button" onClick={() => goTo(document.id, step)}>
              {label}
              {/* Within it, so that it stays at the end of what breaks. */}
              <span className={s.dot} aria-hidden="true">
                .
              </span>
            </button>
            <wbr />
          </Fragment>
        );
      })}
    </h1>
  );
}
