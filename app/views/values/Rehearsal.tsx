import { sheetOf, showFirst } from '../../state/shown-slice.ts';
import type { CellSource } from '../../ui/cell-source.ts';
import { scaleFor } from '../../ui/colour-scale.ts';
import { Heatmap } from '../../ui/Heatmap.tsx';
import { formatFor } from '../../ui/number-format.ts';
import { ValueGrid } from '../../ui/ValueGrid.tsx';
import { SliceBar } from '../SliceBar.tsx';
import { ColourMenu } from './ColourMenu.tsx';
import { HeatmapLegend } from './HeatmapLegend.tsx';
import s from './values.module.css';

const SIDE = 512;
const SHAPE = [SIDE, SIDE];
const shown = showFirst(SHAPE);
const sheet = sheetOf(shown);
const [ROWS, COLUMNS] = [16, 256];
const sample = {
  rows: ROWS,
  columns: COLUMNS,
  rowStep: SIDE / ROWS,
  columnStep: SIDE / COLUMNS,
  values: Float64Array.from({ length: ROWS * COLUMNS }, (_, i) => Math.sin(i)),
};
const scale = scaleFor(sample.values, { ramp: 'auto', range: 'percentile' });
const format = formatFor('float', 4, sample.values);
const source: CellSource = {
  rows: SIDE,
  columns: SIDE,
  rowHead: String,
  columnHead: String,
  cell: (row, column) => ({ text: format.write(Math.sin(row + column)) }),
  want() {},
  subscribe: () => () => {},
};
const ignore = () => {};

/** Numbers beside their picture, of a matrix that is nowhere. */
export function Rehearsal() {
  return (
    <div className={s.view}>
      <div className={s.bars}>
        <ColourMenu />
        <SliceBar document={0} entry={0} shape={SHAPE} shown={shown} />
      </div>
      <div className={s.panes} data-mode="both">
        <div className={s.grid}>
          <ValueGrid
            label=""
            source={source}
            columnWidth={70}
            headWidth={44}
            selected={undefined}
            onSelect={ignore}
            onCopy={ignore}
          />
        </div>
        <div className={s.picture}>
          <Heatmap
            label=""
            rows={SIDE}
            columns={SIDE}
            count={sheet.count}
            picture={sample}
            scale={scale}
            describe={String}
          />
          <HeatmapLegend sample={sample} sheet={sheet} scale={scale} range="percentile" />
        </div>
      </div>
    </div>
  );
}
