import type { KeyboardEvent } from 'react';
import { asksStatistics, type Explorer, setFilter } from '../../state/explorer.ts';
import { useKnownCount } from '../../state/scans.ts';
import { exactCount } from '../../ui/format.ts';
import { Search, X } from '../../ui/icons.ts';
import s from './explorer.module.css';

const answerText = (found: number, total: number, unknown: number): string =>
  `${exactCount(found)} of ${exactCount(total)}${unknown > 0 ? `, ${exactCount(unknown)} not scanned` : ''}`;

const ASK_PAIRS = 'Filter: status:changed, delta:>1e-3, attn';
const PAIR_FIELDS =
  'Words, globs (*.attn.*), /regex/, and status: changed: renamed: dtype: shape:; once compared delta: rel: cosine: flips:; with a base conflict: by:';
const ENTRY_FIELDS =
  'Words, globs (*.attn.*), /regex/, and dtype: shape: params: kind: role:; once scanned std: zeros: nan:';

/** Answers as one types. Escape clears. The count and the error have their place already, so nothing moves. */
export function FilterBox({ explorer }: { readonly explorer: Explorer }) {
  const { document, filter, filterError, matches } = explorer;
  const total = document.tree.entryCount;
  const known = useKnownCount(document.id);
  const unknown = matches && asksStatistics(filter) ? document.summary.tensors - known : 0;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || filter === '') return;
    event.stopPropagation();
    setFilter(document.id, '');
  };
  return (
    <div className={s.filter} data-bad={filterError ? true : undefined}>
      <Search size={14} aria-hidden="true" />
      <input
        type="search"
        aria-label="Filter entries"
        aria-invalid={filterError !== null}
        aria-describedby={`filter-answer-${document.id}`}
        placeholder={document.pairs ? ASK_PAIRS : 'Filter: conv, *.attn.*, dtype:f32, params:>1M'}
        title={document.pairs ? PAIR_FIELDS : ENTRY_FIELDS}
        className="mono"
        value={filter}
        onChange={(event) => setFilter(document.id, event.target.value)}
        onKeyDown={onKeyDown}
        spellCheck={false}
        autoComplete="off"
        data-filter
      />
      <span id={`filter-answer-${document.id}`} className={`numbers ${s.answer}`} role="status">
        {filterError ?? (matches ? answerText(matches.length, total, unknown) : '')}
      </span>
      {filter !== '' && (
        <button type="button" className={s.clear} aria-label="Clear filter" onClick={() => setFilter(document.id, '')}>
          <X size={13} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
