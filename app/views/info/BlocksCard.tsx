import { useState } from 'react';
import {
  type BlockDType,
  type BlockScales,
  bitsOf,
  blockOf,
  countElements,
  dtypeLabel,
  type EntryId,
  type Storage,
  type TensorValue,
} from '../../../src-core/index.ts';
import type { DocumentId } from '../../state/engine.ts';
import { blockScales } from '../../state/resources.ts';
import { indexOfElement } from '../../state/stored-pages.ts';
import { Answer } from '../../ui/Answer.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { Card, Facts } from '../../ui/Card.tsx';
import { exactCount, plural } from '../../ui/format.ts';
import { ChevronLeft, ChevronRight } from '../../ui/icons.ts';
import { shortNumber } from '../short-number.ts';
import s from './blocks.module.css';

/** Blocks whose scales are shown at once. */
const SHOWN = 8;

interface BlocksCardProps {
  readonly document: DocumentId;
  readonly entry: EntryId;
  readonly value: TensorValue;
  readonly dtype: BlockDType;
  readonly storage: Storage;
}

/** How a tensor is stored in blocks, and the scales of some of them. */
export function BlocksCard({ document, entry, value, dtype, storage }: BlocksCardProps) {
  const { elements, bytes } = blockOf(dtype);
  const [page, setPage] = useState(0);
  const blocks = Math.ceil(countElements(value.shape) / elements);
  const first = value.offset / elements;
  const from = page * SHOWN;
  const to = Math.min(blocks, from + SHOWN);
  const isReadable = storage.data.kind !== 'absent' && Number.isInteger(first) && !value.strides && to > from;
  const range = { dtype, endian: storage.endian, from: first + from, to: first + to };
  return (
    <Card title="Blocks" aside={dtypeLabel(dtype)}>
      <Facts
        facts={[
          ['Bits per element', String(Number((bitsOf(dtype) ?? 0).toFixed(4)))],
          ['A block', `${plural(elements, 'element')} in ${plural(bytes, 'byte')}`],
          [
            'Blocks',
            `${exactCount(blocks)}${value.shape.length > 1 ? `, ${exactCount((value.shape.at(-1) ?? 1) / elements)} a row` : ''}`,
          ],
        ]}
      />
      {isReadable && (
        <>
          <div className={s.head}>
            <h3>
              Scales of blocks {exactCount(from)} – {exactCount(to - 1)}
            </h3>
            <IconButton label="Blocks before" disabled={page === 0} onClick={() => setPage(page - 1)}>
              <ChevronLeft size={14} aria-hidden="true" />
            </IconButton>
            <IconButton label="Blocks after" disabled={to >= blocks} onClick={() => setPage(page + 1)}>
              <ChevronRight size={14} aria-hidden="true" />
            </IconButton>
          </div>
          <Answer to={blockScales(document, entry, range)}>
            {(scales) => <ScaleTable scales={scales} from={from} elements={elements} value={value} />}
          </Answer>
        </>
      )}
    </Card>
  );
}

interface ScaleTableProps {
  readonly scales: readonly BlockScales[];
  readonly from: number;
  readonly elements: number;
  readonly value: TensorValue;
}

function ScaleTable({ scales, from, elements, value }: ScaleTableProps) {
  const hasScale = scales.some(({ scale }) => scale !== undefined);
  const hasOffset = scales.some(({ offset }) => offset !== undefined);
  const hasParts = scales.some(({ parts }) => parts);
  const rows = scales.map((of, i) => ({ ...of, block: from + i }));
  const top = Math.max(...scales.flatMap(({ parts = [] }) => parts.map(({ scale }) => Math.abs(scale))));
  return (
    <div className={s.scroll}>
      <table className={s.table}>
        <thead>
          <tr>
            <th scope="col">From</th>
            {hasScale && <th scope="col">Scale</th>}
            {hasOffset && <th scope="col">Added</th>}
            {hasParts && <th scope="col">Scales of parts</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ scale, offset, parts, block }) => (
            <tr key={block}>
              <th scope="row" title={`Block ${block}`}>
                [{indexOfElement(value, value.offset + block * elements)?.join(', ')}]
              </th>
              {hasScale && <td>{scale === undefined ? '' : shortNumber(scale)}</td>}
              {hasOffset && <td>{offset === undefined ? '' : shortNumber(offset)}</td>}
              {parts && (
                <td className={s.parts}>
                  <Bars parts={parts} top={top} />
                  <span className={s.range}>{rangeWords(parts)}</span>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Parts = NonNullable<BlockScales['parts']>;

/** A bar for each part, as high as its scale is beside the largest that is shown; negative ones are hollow. */
const Bars = ({ parts, top }: { readonly parts: Parts; readonly top: number }) => (
  <span className={s.bars} aria-hidden="true">
    {parts
      .map((of, part) => ({ ...of, part }))
      .map(({ scale, offset, part }) => (
        <i
          key={part}
          data-negative={scale < 0 || undefined}
          style={{ height: `${top > 0 ? Math.max(4, (100 * Math.abs(scale)) / top) : 4}%` }}
          title={`Part ${part}: × ${shortNumber(scale)}${offset ? `, ${shortNumber(offset)} added` : ''}`}
        />
      ))}
  </span>
);

function rangeWords(parts: Parts): string {
  const scales = parts.map(({ scale }) => scale);
  return `${shortNumber(Math.min(...scales))} … ${shortNumber(Math.max(...scales))}`;
}
