import { type ReactNode, useMemo } from 'react';
import { compareOutputs, type OutputDifference, type RunTensor } from '../../../src-core/index.ts';
import { Card, Facts } from '../../ui/Card.tsx';
import { valueText } from '../../ui/chart-scale.ts';
import { shapeText } from '../../ui/format.ts';
import { OutputFaces } from './OutputFaces.tsx';
import s from './run.module.css';
import type { PlaceNames } from './TopNames.tsx';

interface OutputCardProps {
  readonly label: string;
  readonly tensor: RunTensor;
  readonly other: RunTensor | undefined;
  readonly note?: ReactNode;
  readonly names?: PlaceNames | undefined;
}

export function OutputCard({ label, tensor, other, note, names }: OutputCardProps) {
  const difference = other && compareOutputs(other, tensor);
  const places = useMemo(() => placesOf(tensor.shape), [tensor]);
  return (
    <Card title={<span className="mono">{label}</span>} aside={note ?? `${tensor.dtype} ${shapeText(tensor.shape)}`}>
      <div className={s.input}>
        {difference && <Difference difference={difference} shape={tensor.shape} hasNames={names !== undefined} />}
        <OutputFaces label={label} tensor={tensor} other={difference && other} names={names} places={places} />
      </div>
    </Card>
  );
}

/** Most classes that are told by their number alone. */
const MOST_CLASSES = 1000;

/** Numbers in the place of names, where it may be a choice among classes. */
function placesOf(shape: readonly number[]): PlaceNames | undefined {
  const count = shape.at(-1) ?? 1;
  if (shape.length !== 2 || count < 2 || count > MOST_CLASSES) return undefined;
  return { labels: Array.from({ length: count }, (_, i) => String(i)) };
}

interface DifferenceProps {
  readonly difference: OutputDifference;
  readonly shape: readonly number[];
  readonly hasNames: boolean;
}

/** How far it is from the other run. */
function Difference({ difference, shape, hasNames }: DifferenceProps) {
  const { maxAbs, at, cosine, relative, divergence, changedChoices, rows } = difference;
  if (maxAbs === 0) return <p className={s.same}>The same as beside it, to the last bit.</p>;
  return (
    <Facts
      columns
      facts={[
        ['Largest change', `${valueText(maxAbs)} at [${placeOf(at, shape).join(', ')}]`],
        ['Cosine', valueText(cosine)],
        ['Relative change', valueText(relative)],
        hasNames && ['KL divergence', `${valueText(divergence)} nats`],
        hasNames && ['First choice', changedChoices === 0 ? 'unchanged' : `changed in ${changedChoices} of ${rows}`],
      ]}
    />
  );
}

function placeOf(at: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let rest = at;
  for (const size of shape.toReversed()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return place;
}
