import { listPrompts } from '../../../src-core/index.ts';
import type { Target } from '../view.ts';
import { ModuleChoices } from './ModuleChoices.tsx';
import s from './run.module.css';

/** Most modules that are offered. */
const MOST = 40;

/** Modules inside that say something to a model. */
export function PromptChoices({ target: { document, node } }: { readonly target: Target }) {
  return (
    <div className={s.view}>
      <h2 className="unseen">Run</h2>
      <ModuleChoices
        document={document.id}
        label="Modules with prompts"
        title="These make messages for a model. Choose one to see what it says:"
        choices={listPrompts(document.tree, node, document.dialect, MOST)}
      />
    </div>
  );
}
