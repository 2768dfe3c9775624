import { useCallback, useState } from 'react';
import { type JsonNode, type MetaItem, writeJson } from '../../../src-core/index.ts';
import type { DocumentId } from '../../state/engine.ts';
import { metadataItems } from '../../state/resources.ts';
import { exactCount } from '../../ui/format.ts';
import { ChevronRight } from '../../ui/icons.ts';
import { PagedRows } from '../../ui/PagedRows.tsx';
import s from './metadata.module.css';

/** A long list that stays in the file: its items are read as they come into view. */
export function ListItems({ document, item }: { readonly document: DocumentId; readonly item: MetaItem }) {
  const { section, key, list } = item;
  const load = useCallback(
    (from: number, count: number) => metadataItems(document, { section, key }, from, count),
    [document, section, key],
  );
  const [isOpen, setOpen] = useState(false);
  if (!list) return null;
  return (
    <div className={s.list}>
      <button type="button" className={s.listHead} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <ChevronRight size={13} aria-hidden="true" />
        {exactCount(list.count)} {list.of === 'text' ? 'texts' : 'numbers'}
      </button>
      {isOpen && (
        <div className={s.listRows}>
          <PagedRows
            label={`Items of ${key}`}
            count={list.count}
            head={['#', 'Item']}
            columns="64px minmax(0, 1fr)"
            load={load}
            cells={(node: JsonNode, index) => {
              const text = node.kind === 'string' ? visibleText(node.value) : writeJson(node);
              return [
                <span key="at" className={s.at}>
                  {index}
                </span>,
                <span key="item" className="mono" title={text}>
                  {text}
                </span>,
              ];
            }}
          />
        </div>
      )}
    </div>
  );
}

/** Line ends and tabs as one sees them in code. */
const visibleText = (text: string): string =>
  text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
