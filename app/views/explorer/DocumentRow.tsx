import { isCompared } from '../../state/compare.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import type { Explorer } from '../../state/explorer.ts';
import { useBelow } from '../../state/pairs.ts';
import { goTo } from '../../state/workspace.ts';
import { bytesText, exactCount, plural, shortCount } from '../../ui/format.ts';
import { Layers } from '../../ui/icons.ts';
import s from './explorer.module.css';

/** The document itself, above its modules: the way back to what concerns all of it. */
export function DocumentRow({ explorer }: { readonly explorer: Explorer }) {
  const { document, selected } = explorer;
  const { summary } = document;
  return (
    <button type="button" className={s.document} aria-pressed={selected === 0} onClick={() => goTo(document.id, 0)}>
      <Layers size={14} aria-hidden="true" />
      <span className={s.documentName} title={document.name}>
        {document.name}
      </span>
      <span className={`numbers ${s.totals}`}>
        {isCompared(document) ? (
          <PairTotals comparison={document} />
        ) : (
          <span>{plural(summary.entries, 'entry', 'entries')}</span>
        )}
        {!document.pairs && summary.params > 0 && (
          <span title={`${exactCount(summary.params)} parameters`}>{shortCount(summary.params)}</span>
        )}
        {!document.pairs && <span>{bytesText(summary.bytes)}</span>}
      </span>
    </button>
  );
}

/** How many pairs there are, and how many of them differ. */
function PairTotals({ comparison }: { readonly comparison: ComparedDocument }) {
  const { differing, unknown, pairs } = useBelow(comparison, 0, comparison.tree.count);
  return (
    <>
      <span>{plural(pairs, 'pair')}</span>
      <span>
        {differing === 0 && unknown > 0 ? `${exactCount(unknown)} not compared` : `${exactCount(differing)} differ`}
      </span>
    </>
  );
}
