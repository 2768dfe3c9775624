import s from './ColourBar.module.css';
import { anchorsOf, ODD_COLOUR } from './colour-ramps.ts';
import type { ColourScale } from './colour-scale.ts';
import { useDark } from './use-dark.ts';

interface ColourBarProps {
  readonly scale: ColourScale;
  readonly write: (value: number) => string;
  /** Numbers that are not finite, among those drawn. */
  readonly odd: number;
}

/** What the colours of a picture stand for. */
export function ColourBar({ scale, write, odd }: ColourBarProps) {
  const dark = useDark();
  const { ramp, low, high } = scale;
  const middle = ramp === 'diverging' ? 0 : (low + high) / 2;
  return (
    <div className={s.colours}>
      <div
        className={s.ramp}
        style={{ background: `linear-gradient(90deg, ${anchorsOf(ramp, dark).join(', ')})` }}
        aria-hidden="true"
      />
      <p className={`mono ${s.ends}`}>
        <span>{write(low)}</span>
        <span>{write(middle)}</span>
        <span>{write(high)}</span>
      </p>
      {odd > 0 && (
        <p className={s.odd}>
          <i style={{ background: ODD_COLOUR }} aria-hidden="true" />
          NaN or Inf
        </p>
      )}
    </div>
  );
}
