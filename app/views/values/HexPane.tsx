import { useEffect, useMemo, useState } from 'react';
import type { DocumentId, EntryDetail } from '../../state/engine.ts';
import { storedPages } from '../../state/stored-pages.ts';
import type { CellBlock } from '../../ui/cell-source.ts';
import { Empty } from '../../ui/States.tsx';
import { ValueGrid } from '../../ui/ValueGrid.tsx';
import { ReadFailure } from '../ReadFailure.tsx';
import { ByteBar } from './ByteBar.tsx';
import { BYTES_A_ROW, byteSource, elementAround } from './byte-source.ts';
import s from './values.module.css';

interface HexPaneProps {
  readonly document: DocumentId;
  readonly detail: EntryDetail;
}

/** The bytes of the storage behind an entry, as they lie in the file. */
export function HexPane({ document, detail }: HexPaneProps) {
  const { entry, storage } = detail;
  const byteLength = storage?.byteLength ?? 0;
  const pages = useMemo(() => storedPages(document, entry.id, byteLength), [document, entry.id, byteLength]);
  useEffect(() => pages.stop, [pages]);
  const [selected, setSelected] = useState<CellBlock>();
  const tensor = entry.value.type === 'tensor' ? entry.value : undefined;
  const at = selected ? selected.row * BYTES_A_ROW + selected.column : undefined;
  const isIn = at !== undefined && at < byteLength;
  const element = tensor && isIn ? elementAround(tensor, at) : undefined;
  const [from, to] = [element?.start ?? -1, element?.end ?? -1];
  const source = useMemo(() => byteSource(pages, byteLength, { from, to }), [pages, byteLength, from, to]);
  if (byteLength === 0 || !storage) return <Empty title="No bytes">The storage is empty.</Empty>;
  const copy = () => {
    if (!selected) return;
    const [a, b] = [selected.fromRow * BYTES_A_ROW + selected.fromColumn, selected.row * BYTES_A_ROW + selected.column];
    const words: string[] = [];
    for (let byte = Math.min(a, b); byte <= Math.max(a, b) && words.length < 65_536; byte++) {
      const value = pages.byteAt(byte);
      if (value !== undefined) words.push(value.toString(16).padStart(2, '0'));
    }
    void navigator.clipboard.writeText(words.join(' '));
  };
  return (
    <section className={s.sheet} aria-label="Bytes">
      <div className={s.grid}>
        <ValueGrid
          label={`Bytes of ${entry.key}`}
          source={source}
          columnWidth={25}
          headWidth={22 + 7.2 * Math.max(4, (byteLength - 1).toString(16).length)}
          tailWidth={150}
          compact
          selected={selected}
          onSelect={setSelected}
          onCopy={copy}
        />
        <ReadFailure tiles={pages} />
      </div>
      <ByteBar document={document} detail={detail} storage={storage} tensor={tensor} at={isIn ? at : undefined} />
    </section>
  );
}
