import { useEffect, useMemo, useRef, useState } from 'react';
import type { TensorValue } from '../../../src-core/index.ts';
import { pasteBlock } from '../../state/cell-edits.ts';
import type { DocumentId, EntryDetail } from '../../state/engine.ts';
import { indexOfCell, type Shown, sheetOf } from '../../state/shown-slice.ts';
import { type CellValue, type ShownPart, valueTiles } from '../../state/value-tiles.ts';
import { useValues, type ValuesMode } from '../../state/values.ts';
import type { CellBlock } from '../../ui/cell-source.ts';
import { scaleFor, tintOf } from '../../ui/colour-scale.ts';
import { Heatmap, type HeatmapHandle } from '../../ui/Heatmap.tsx';
import { exactWord } from '../../ui/number-format.ts';
import { type GridHandle, ValueGrid } from '../../ui/ValueGrid.tsx';
import { numberSource } from '../number-source.ts';
import { ReadFailure } from '../ReadFailure.tsx';
import { useSample } from '../use-sample.ts';
import { CellBar } from './CellBar.tsx';
import { copyBlock } from './copy-block.ts';
import { HeatmapLegend } from './HeatmapLegend.tsx';
import { Scalar } from './Scalar.tsx';
import s from './values.module.css';

interface NumbersPaneProps {
  readonly document: DocumentId;
  readonly detail: EntryDetail;
  readonly tensor: TensorValue;
  readonly shown: Shown;
  readonly raw: boolean;
  readonly mode: ValuesMode;
}

/** A character of the grid's font at 12 pixels, and the room beside a number. */
const [CHARACTER, CELL_ROOM] = [7.2, 17];

/** The numbers of a slice and their picture, each with the other in view. */
export function NumbersPane({ document, detail, tensor, shown, raw, mode }: NumbersPaneProps) {
  const { entry } = detail;
  const part = useMemo<ShownPart>(
    () => ({ document, entry: entry.id, tensor, shown, raw }),
    [document, entry.id, tensor, shown, raw],
  );
  const { ramp, range, tint } = useValues();
  const tiles = useMemo(() => valueTiles(part), [part]);
  useEffect(() => tiles.stop, [tiles]);
  const sample = useSample(part, mode !== 'numbers' || tint);
  const scale = useMemo(() => scaleFor(sample?.values ?? new Float64Array(), { ramp, range }), [sample, ramp, range]);
  const source = useMemo(() => {
    const groundOf = (value: CellValue) => tintOf(scale, sizeOf(value));
    return numberSource(part, tiles, tint ? groundOf : undefined);
  }, [part, tiles, tint, scale]);
  const [selected, setSelected] = useState<CellBlock>();
  const [characters, setCharacters] = useState(0);
  const grid = useRef<GridHandle>(null);
  const heatmap = useRef<HeatmapHandle>(null);
  const box = useRef<HTMLInputElement>(null);
  const sheet = sheetOf(shown);
  // Whole numbers may turn out longer than thought: wider columns, once, are better than cut digits.
  useEffect(() => source.subscribe(() => setCharacters(source.widest())), [source]);
  const isThere = selected && selected.row < sheet.rows && selected.column < sheet.columns ? selected : undefined;
  const select = (row: number, column: number) => {
    setSelected({ row, column, fromRow: row, fromColumn: column });
    grid.current?.show(row, column);
  };
  if (shown.columns === undefined) return <Scalar detail={detail} part={part} tiles={tiles} source={source} />;

  const isStored = tensor === entry.value;
  const label = `${shown.slice.length === 1 ? 'Vector' : 'Slice'} of ${entry.key}`;
  return (
    <div className={s.panes} data-mode={mode}>
      {mode !== 'heatmap' && (
        <section className={s.sheet} aria-label="Numbers">
          <div className={s.grid}>
            <ValueGrid
              ref={grid}
              label={`Values of ${entry.key}`}
              source={source}
              columnWidth={Math.ceil(Math.max(source.widest(), characters) * CHARACTER + CELL_ROOM)}
              headWidth={Math.max(44, 18 + CHARACTER * widestHead(source.rowHead(sheet.rows - 1), source.rowHead(0)))}
              selected={isThere}
              onSelect={setSelected}
              onView={(view) => heatmap.current?.setFrame(view)}
              onCopy={() => isThere && void copyBlock(part, isThere, source.kind())}
              onType={() => box.current?.focus()}
              onPaste={(text) =>
                isThere && isStored && void pasteBlock(part, entry.key, isThere.row, isThere.column, text)
              }
            />
            <ReadFailure tiles={tiles} />
          </div>
          <CellBar
            detail={detail}
            part={part}
            tiles={tiles}
            source={source}
            selected={isThere}
            onGo={select}
            box={box}
            onLeave={(moved) => {
              grid.current?.focus();
              if (moved && isThere && isThere.row + 1 < sheet.rows) select(isThere.row + 1, isThere.column);
            }}
          />
        </section>
      )}
      {mode !== 'numbers' && (
        <section className={`${s.sheet} ${s.picture}`} aria-label="Heatmap">
          <Heatmap
            ref={heatmap}
            label={`Heatmap, ${label}`}
            rows={sheet.rows}
            columns={sheet.columns}
            count={sheet.count}
            picture={sample}
            scale={scale}
            describe={(row, column, value) =>
              `[${indexOfCell(shown, row, column).join(', ')}]  ${exactWord(value, 'float')}`
            }
            onMove={(row, column) => grid.current?.centre(row, column)}
          />
          <HeatmapLegend sample={sample} sheet={sheet} scale={scale} range={range} />
        </section>
      )}
    </div>
  );
}

const sizeOf = (value: CellValue): number =>
  typeof value === 'object' ? Math.hypot(value[0], value[1]) : Number(value);

const widestHead = (...heads: readonly string[]): number => Math.max(...heads.map((head) => head.length));
