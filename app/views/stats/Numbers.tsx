import { type EntryStats, QUANTILES, quantilesOf } from '../../../src-core/index.ts';
import { Button } from '../../ui/Button.tsx';
import { Facts } from '../../ui/Card.tsx';
import { valueText } from '../../ui/chart-scale.ts';
import { exactCount, percentText } from '../../ui/format.ts';
import s from './stats.module.css';

/** Stands where a number will be. */
const UNKNOWN = '–';
const show = (value: number | undefined): string => (value === undefined ? UNKNOWN : valueText(value, 6));

interface NumbersProps {
  readonly found: EntryStats | undefined;
  readonly onShow: (index: readonly number[]) => void;
}

export function Numbers({ found, onShow }: NumbersProps) {
  const stats = found?.stats;
  const counted = (count: number | undefined) => (count === undefined ? UNKNOWN : exactCount(count));
  return (
    <Facts
      columns
      facts={[
        ['Elements', counted(stats?.count)],
        [
          'Zeros',
          stats ? `${exactCount(stats.zeros)} (${percentText(stats.zeros / Math.max(1, stats.count))})` : UNKNOWN,
        ],
        [
          'Smallest',
          <Extreme key="min" value={stats?.min} digits={stats?.minDigits} index={found?.minIndex} onShow={onShow} />,
        ],
        ['NaN', <Bad key="nan" count={stats?.nan} />],
        [
          'Largest',
          <Extreme key="max" value={stats?.max} digits={stats?.maxDigits} index={found?.maxIndex} onShow={onShow} />,
        ],
        ['+∞', <Bad key="posInf" count={stats?.posInf} />],
        ['Mean', show(stats?.mean)],
        ['−∞', <Bad key="negInf" count={stats?.negInf} />],
        ['Standard deviation', show(stats?.std)],
        ['L1 norm', show(stats?.l1)],
        ['Largest magnitude', show(stats?.absmax)],
        ['L2 norm', show(stats?.l2)],
      ]}
    />
  );
}

interface ExtremeProps {
  readonly value: number | undefined;
  readonly digits: string | undefined;
  readonly index: readonly number[] | undefined;
  readonly onShow: (index: readonly number[]) => void;
}

function Extreme({ value, digits, index, onShow }: ExtremeProps) {
  return (
    <>
      {digits ?? show(value)}
      {index && index.length > 0 && (
        <>
          {' '}
          <Button look="link" title="Show it among the values" onClick={() => onShow(index)}>
            at [{index.join(', ')}]
          </Button>
        </>
      )}
    </>
  );
}

/** A count that should be 0. */
function Bad({ count }: { readonly count: number | undefined }) {
  if (count === undefined) return UNKNOWN;
  return <span className={count > 0 ? s.bad : undefined}>{exactCount(count)}</span>;
}

export function Quantiles({ found }: { readonly found: EntryStats | undefined }) {
  const values = found?.stats && quantilesOf(found.stats);
  return (
    <dl className={s.quantiles}>
      {QUANTILES.map((q, i) => (
        <div key={q}>
          <dt>{q === 0.5 ? 'median' : `${Math.round(q * 100)} %`}</dt>
          <dd className="mono">{values?.[i] === undefined ? UNKNOWN : valueText(values[i], 4)}</dd>
        </div>
      ))}
    </dl>
  );
}
