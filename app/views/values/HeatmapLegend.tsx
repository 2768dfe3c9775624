import { useMemo } from 'react';
import type { Sheet } from '../../state/shown-slice.ts';
import type { ValueSample } from '../../state/value-sample.ts';
import { ColourBar } from '../../ui/ColourBar.tsx';
import type { ColourScale, RangeKind } from '../../ui/colour-scale.ts';
import { plural } from '../../ui/format.ts';
import { shortNumber } from '../short-number.ts';
import s from './values.module.css';

interface HeatmapLegendProps {
  readonly sample: ValueSample | undefined;
  readonly sheet: Sheet;
  readonly scale: ColourScale;
  readonly range: RangeKind;
}

/** What the colours mean, and how much of the slice was drawn. */
export function HeatmapLegend({ sample, sheet, scale, range }: HeatmapLegendProps) {
  const odd = useMemo(() => {
    const holes = sheet.rows * sheet.columns - sheet.count;
    return (sample?.values.filter((value) => !Number.isFinite(value)).length ?? 0) - holes;
  }, [sample, sheet]);
  const isAll = sample?.rowStep === 1 && sample.columnStep === 1;
  return (
    <div className={s.legend}>
      <ColourBar scale={scale} write={shortNumber} odd={odd} />
      <p className={s.drawn}>
        {sample &&
          (isAll ? `all ${plural(sheet.count, 'value')}` : `1 of every ${sample.rowStep}×${sample.columnStep} values`)}
        {range === 'percentile' && (isAll ? ' · ends at 1 and 99 %' : ' · ends at 1 and 99 % of these')}
      </p>
    </div>
  );
}
