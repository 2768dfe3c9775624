import { isOverTokens, type RunDescription, type RunTensor } from '../../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../../state/engine.ts';
import type { Result } from '../../state/run.ts';
import { Card } from '../../ui/Card.tsx';
import { plural } from '../../ui/format.ts';
import { ErrorCard } from '../../ui/States.tsx';
import { milliseconds } from './Bar.tsx';
import { OutputCard } from './OutputCard.tsx';
import s from './run.module.css';
import type { PlaceNames } from './TopNames.tsx';
import { UpdateCard } from './UpdateCard.tsx';

interface ResultsProps {
  readonly document: OpenedDocument;
  readonly description: RunDescription;
  readonly result: Result;
}

const joinPath = (path: string, below: string): string => (path === '' ? below : `${path}.${below}`);

/** What came out; beside it, what came out of the other run, and how far apart they are. */
export function Results({ document, description, result }: ResultsProps) {
  const { answer, other, otherError } = result;
  return (
    <>
      {otherError && 'detail' in otherError && (
        <ErrorCard title="There is nothing beside it" tone="warn" what={otherError.detail} />
      )}
      {answer.outputs.map(({ label, tensor, updates }) =>
        updates === undefined ? (
          <OutputCard
            key={label}
            label={label}
            tensor={tensor}
            names={namesFor(tensor, document.id, description)}
            other={other?.outputs.find((output) => output.label === label)?.tensor}
          />
        ) : (
          <UpdateCard key={label} document={document} path={joinPath(answer.path, updates)} tensor={tensor} />
        ),
      )}
      {answer.nodes && <NodeTimes nodes={answer.nodes} />}
    </>
  );
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
              <th scope="col">Time</th>
              <th scope="col">Node</th>
              <th scope="col">Operator</th>
              <th scope="col">Ran on</th>
            </tr>
          </thead>
          <tbody>
            {slowest.map(({ name, op, provider, milliseconds: time }) => (
              <tr key={name}>
                <td>{milliseconds(time)}</td>
                <th scope="row" className="mono">
                  {name}
                </th>
                <td>{op}</td>
                <td>{provider.replace('ExecutionProvider', '')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}
