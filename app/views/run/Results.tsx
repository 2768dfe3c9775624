import { useMemo } from 'react';
import {
  compareOutputs,
  isOverTokens,
  type OutputDifference,
  type RunDescription,
  type RunTensor,
} from '../../../src-core/index.ts';
import type { DocumentId } from '../../state/engine.ts';
import type { Result } from '../../state/run.ts';
import { Card, Facts } from '../../ui/Card.tsx';
import { valueText } from '../../ui/chart-scale.ts';
import { plural, shapeText } from '../../ui/format.ts';
import { ErrorCard } from '../../ui/States.tsx';
import { milliseconds } from './Bar.tsx';
import { OutputFaces } from './OutputFaces.tsx';
import s from './run.module.css';
import type { PlaceNames } from './TopNames.tsx';

interface ResultsProps {
  readonly document: DocumentId;
  readonly description: RunDescription;
  readonly result: Result;
}

/** What came out; beside it, what came out of the other run, and how far apart they are. */
export function Results({ document, description, result }: ResultsProps) {
  const { answer, other, otherError } = result;
  return (
    <>
      {otherError && 'detail' in otherError && (
        <ErrorCard title="There is nothing beside it" tone="warn" what={otherError.detail} />
      )}
      {answer.outputs.map(({ label, tensor, updates }) => (
        <OutputCard
          key={label}
          label={label}
          tensor={tensor}
          names={namesFor(tensor, document, description)}
          other={other?.outputs.find((output) => output.label === label)?.tensor}
          note={updates === undefined ? undefined : `new value of ${updates}`}
        />
      ))}
      {answer.nodes && <NodeTimes nodes={answer.nodes} />}
    </>
  );
}

interface OutputCardProps {
  readonly label: string;
  readonly tensor: RunTensor;
  readonly other: RunTensor | undefined;
  readonly note?: string | undefined;
  readonly names?: PlaceNames | undefined;
}

function namesFor(
  { dtype, shape }: RunTensor,
  document: DocumentId,
  description: RunDescription,
): PlaceNames | undefined {
  const { labels } = description;
  if (labels && labels.length === shape.at(-1)) return { labels };
  return dtype === 'f32' && isOverTokens(description, shape) ? { tokensOf: document } : undefined;
}

export function OutputCard({ label, tensor, other, note, names }: OutputCardProps) {
  const difference = other && compareOutputs(other, tensor);
  const places = useMemo(() => placesOf(tensor.shape), [tensor]);
  return (
    <Card
      title={<span className="mono">{label}</span>}
      aside={`${note ? `${note} · ` : ''}${tensor.dtype} ${shapeText(tensor.shape)}`}
    >
      {difference && <Difference difference={difference} shape={tensor.shape} hasNames={names !== undefined} />}
      <OutputFaces label={label} tensor={tensor} other={difference && other} names={names} places={places} />
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

/** The slowest nodes, and who ran them. */
function NodeTimes({ nodes }: { readonly nodes: NonNullable<Result['answer']['nodes']> }) {
  const slowest = [...nodes].sort((a, b) => b.milliseconds - a.milliseconds);
  return (
    <Card title="Time of each node" aside={plural(nodes.length, 'node')} padded={false}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <section className={s.nodes} tabIndex={0} aria-label="Time of each node">
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">Operator</th>
              <th scope="col">Ran on</th>
              <th scope="col">Time</th>
            </tr>
          </thead>
          <tbody>
            {slowest.map(({ name, op, provider, milliseconds: time }) => (
              <tr key={name}>
                <th scope="row" className="mono">
                  {name}
                </th>
                <td>{op}</td>
                <td>{provider.replace('ExecutionProvider', '')}</td>
                <td>{milliseconds(time)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}
