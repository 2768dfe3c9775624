import type { Explorer } from '../../state/explorer.ts';
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
      <span className={s.documentName}>{document.name}</span>
      <span className={`numbers ${s.totals}`}>
        <span>{plural(summary.entries, 'entry', 'entries')}</span>
        {summary.params > 0 && (
          <span title={`${exactCount(summary.params)} parameters`}>{shortCount(summary.params)}</span>
        )}
        <span>{bytesText(summary.bytes)}</span>
      </span>
    </button>
  );
}
