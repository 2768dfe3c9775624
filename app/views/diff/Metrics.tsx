import type { PairValues } from '../../state/engine.ts';
import type { SideNames } from '../../state/pair-parts.ts';
import { Button } from '../../ui/Button.tsx';
import { valueText } from '../../ui/chart-scale.ts';
import { exactCount, percentText } from '../../ui/format.ts';
import s from './diff.module.css';

interface MetricsProps {
  readonly values: PairValues | undefined;
  readonly names: SideNames;
  readonly onGo: (index: readonly number[]) => void;
}

/** Stands where a number will be. */
const UNKNOWN = '–';

/** How far one is from the other, over all values. */
export function Metrics({ values, names: [left, right], onGo }: MetricsProps) {
  const found = values?.comparison;
  const show = (value: number | undefined) => (found ? (value === undefined ? 'none' : valueText(value, 5)) : UNKNOWN);
  const at = values?.indices.maxAbs;
  const odd = found?.read?.notFinite;
  return (
    <dl className={`numbers ${s.metrics}`}>
      <div>
        <dt>Largest |Δ|</dt>
        <dd>
          {show(found?.maxAbs)}
          {at !== undefined && at.length > 0 && (
            <Button look="link" title="Go there" onClick={() => onGo(at)}>
              at [{at.join(', ')}]
            </Button>
          )}
        </dd>
      </div>
      <Fact name="Mean |Δ|" value={show(found?.meanAbs)} />
      <Fact name="RMS" value={show(found?.rms)} title="Root of the mean square of Δ" />
      <Fact name="Relative L2" value={show(found?.relativeL2)} title={`‖${right} − ${left}‖ / ‖${left}‖`} />
      <Fact name="Cosine" value={found?.cosine === undefined ? show(undefined) : found.cosine.toFixed(6)} />
      <Fact name="Sign flips" value={found ? exactCount(found.signFlips) : UNKNOWN} />
      <Fact
        name="Changed"
        value={
          found ? `${exactCount(found.changed)} (${percentText(found.changed / Math.max(1, found.count))})` : UNKNOWN
        }
      />
      {odd && odd.onlyA + odd.onlyB + odd.both > 0 && (
        <Fact
          name="NaN or Inf"
          value={`${exactCount(odd.onlyA + odd.both)} in ${left}, ${exactCount(odd.onlyB + odd.both)} in ${right}`}
          title="They have no part in the other figures"
        />
      )}
    </dl>
  );
}

const Fact = ({ name, value, title }: { readonly name: string; readonly value: string; readonly title?: string }) => (
  <div title={title}>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);
