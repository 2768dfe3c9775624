import { Fragment } from 'react';
import { type DType, dtypeLabel, familyOf, type Summary } from '../../../src-core/index.ts';
import { showCompanion } from '../../state/companions.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { unpackWeights } from '../../state/proposals.ts';
import { goTo } from '../../state/workspace.ts';
import { Badge, Guess, Times, toneOf } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, CardGrid, CardStack, Facts } from '../../ui/Card.tsx';
import { bytesText, exactCount, percentText, plural, shortCount } from '../../ui/format.ts';
import type { Target } from '../view.ts';
import { estimateMemory, TRAINING_NOTE } from './memory.ts';
import s from './overview.module.css';
import { Treemap } from './Treemap.tsx';

export default function Overview({ target }: { readonly target: Target }) {
  const { document } = target;
  const { summary } = document;
  return (
    <CardGrid>
      <Totals document={document} />
      {summary.packed && <Packed document={document} packed={summary.packed} />}
      {summary.bytes > 0 && <Treemap document={document} />}
      <CardStack>
        <Types summary={summary} />
        {summary.params > 0 && <Memory summary={summary} />}
      </CardStack>
      <CardStack>
        {summary.repeats.length > 0 && <Repeats document={document} />}
        {summary.largest.some((tensor) => tensor.bytes > 0) && <Largest document={document} />}
        <Files document={document} />
      </CardStack>
    </CardGrid>
  );
}

const ROLE_WORDS: Readonly<Record<string, string>> = {
  parameter: 'Parameter entries',
  buffer: 'Buffer entries',
  variable: 'Variable entries',
  state: 'State entries',
  'extra-state': 'Extra state entries',
  optimizer: 'Optimiser entries',
  artifact: 'Artifact entries',
};

function Totals({ document }: { readonly document: OpenedDocument }) {
  const { summary } = document;
  const guess = summary.family;
  const roles = summary.roles.filter((role) => role.role !== 'unknown');
  return (
    <Card title="What this is" wide>
      <div className={s.headline}>
        <Headline
          value={summary.params > 0 ? shortCount(summary.params) : exactCount(summary.entries)}
          of={summary.params > 0 ? 'parameters' : summary.entries === 1 ? 'entry' : 'entries'}
          title={summary.params > 0 ? exactCount(summary.params) : undefined}
        />
        <Headline value={bytesText(summary.bytes)} of="of values" title={`${exactCount(summary.bytes)} bytes`} />
        {summary.params > 0 && (
          <Headline value={exactCount(summary.tensors)} of={summary.tensors === 1 ? 'tensor' : 'tensors'} />
        )}
        {summary.modules > 0 && (
          <Headline value={exactCount(summary.modules)} of={summary.modules === 1 ? 'module' : 'modules'} />
        )}
      </div>
      {guess && (
        <p className={s.why}>
          <b>{guess.name}</b> <Guess title="Taken from names and shapes: no file says so" /> {guess.why}
        </p>
      )}
      <Facts
        columns
        facts={[
          ['Format', `${document.formatLabel}${document.formatVersion ? `, ${document.formatVersion}` : ''}`],
          [
            'Keys',
            `${document.layout === 'nested' ? 'nested' : 'flat'}${document.dialect === 'generic' ? '' : `, as ${document.dialect} writes them`}`,
          ],
          summary.params > 0 && ['Elements', exactCount(summary.params)],
          ['Entries', exactCount(summary.entries)],
          ...roles.map(
            (role) =>
              [
                ROLE_WORDS[role.role] ?? role.role,
                <Fragment key={role.role}>
                  {role.guessed && <Guess title="By their names: the file does not say" />} {exactCount(role.entries)}
                </Fragment>,
              ] as const,
          ),
          summary.tied > 0 && ['Tied entries', `${exactCount(summary.tied)}, counted once`],
        ]}
      />
    </Card>
  );
}

interface HeadlineProps {
  readonly value: string;
  readonly of: string;
  readonly title?: string | undefined;
}

const Headline = ({ value, of, title }: HeadlineProps) => (
  <span title={title}>
    <b>{value}</b>
    {of}
  </span>
);

const toneOfType = (name: string) => {
  // Types in blocks are written in capitals.
  const family = familyOf(name.toLowerCase() as DType);
  return family === 'other' ? toneOf(name) : toneOf(family);
};

/** Shares of the bytes; where nothing has bytes, of the entries. */
function Types({ summary }: { readonly summary: Summary }) {
  const useBytes = summary.bytes > 0;
  const total = useBytes ? summary.bytes : Math.max(1, summary.entries);
  const amount = (type: Summary['types'][number]) => (useBytes ? type.bytes : type.entries);
  return (
    <Card title="Types" aside={useBytes ? 'by bytes' : 'by entries'}>
      <div className={s.stack} aria-hidden="true">
        {summary.types.map((type) => (
          <i key={type.name} data-tone={toneOfType(type.name)} style={{ flexGrow: amount(type) / total }} />
        ))}
      </div>
      <ul className={s.types}>
        {summary.types.map((type) => (
          <li key={type.name}>
            <Badge tone={toneOfType(type.name)}>{dtypeLabel(type.name as DType)}</Badge>
            <span title={type.params > 0 ? `${shortCount(type.params)} elements` : undefined}>
              {plural(type.entries, 'entry', 'entries')}
            </span>
            <span className="mono">{type.bytes > 0 ? bytesText(type.bytes) : '—'}</span>
            <span className="mono">{percentText(amount(type) / total)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Weights that are stored as codes and scales: what they come to, and a way to have them as they are computed with. */
function Packed({
  document,
  packed,
}: {
  readonly document: OpenedDocument;
  readonly packed: NonNullable<Summary['packed']>;
}) {
  return (
    <Card title="Packed weights" aside="by names and shapes" wide>
      <ul className={s.packed}>
        {packed.map(({ packing, weights, elements, bytes }) => (
          <li key={packing}>
            <span>{packing}</span>
            <span>{plural(weights, 'weight')}</span>
            <span className="mono" title={`${exactCount(elements)} parameters in ${bytesText(bytes)}`}>
              {((8 * bytes) / elements).toFixed(2)} bits each
            </span>
          </li>
        ))}
      </ul>
      <p className={s.small}>
        Values, statistics, comparisons and runs are of the numbers that they stand for. Unpacked, they are edited,
        saved and exported as such.
      </p>
      <Button onClick={() => void unpackWeights(document.id)}>Unpack</Button>
    </Card>
  );
}

function Largest({ document }: { readonly document: OpenedDocument }) {
  const largest = document.summary.largest.filter((tensor) => tensor.bytes > 0);
  const most = Math.max(1, ...largest.map((tensor) => tensor.bytes));
  return (
    <Card title="Largest tensors" aside={`${percentText(share(largest, document.summary.bytes))} of all bytes`}>
      <ul className={s.bars}>
        {largest.map((tensor) => (
          <li key={tensor.row}>
            <i style={{ width: `${(tensor.bytes / most) * 100}%` }} aria-hidden="true" />
            <Button look="link" onClick={() => goTo(document.id, document.tree.nodeOfEntry[tensor.row]!)}>
              <span className={`mono ${s.key}`} title={tensor.key}>
                <bdi dir="ltr">{tensor.key}</bdi>
              </span>
            </Button>
            <span className="mono">{bytesText(tensor.bytes)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const share = (tensors: Summary['largest'], bytes: number) =>
  bytes > 0 ? Math.min(1, tensors.reduce((sum, tensor) => sum + tensor.bytes, 0) / bytes) : 0;

function Repeats({ document }: { readonly document: OpenedDocument }) {
  const { repeats, params } = document.summary;
  const most = Math.max(1, ...repeats.map((repeat) => repeat.params));
  return (
    <Card title="Repeated blocks" aside="same names, types and shapes">
      <ul className={s.bars}>
        {repeats.map((repeat) => (
          <li key={repeat.node}>
            <i style={{ width: `${(repeat.params / most) * 100}%` }} aria-hidden="true" />
            <Button look="link" onClick={() => goTo(document.id, repeat.node)}>
              <span className="mono">{repeat.label}</span>
            </Button>
            <Times count={repeat.times} />
            <span className="mono" title={params > 0 ? percentText(repeat.params / params) : undefined}>
              {shortCount(repeat.params)}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Memory({ summary }: { readonly summary: Summary }) {
  return (
    <Card title="Memory" aside="an estimate, weights only">
      <table className={s.memory}>
        <tbody>
          {estimateMemory(summary.params, summary.bytes).map(({ name, bytes, note }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className={s.note}>{note}</td>
              <td className="mono">{bytesText(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={s.small}>{TRAINING_NOTE}</p>
    </Card>
  );
}

const PARTS = {
  model: '',
  index: 'index',
  companion: 'beside the model',
  sidecar: 'roles given here',
  missing: 'missing',
  data: 'data',
} as const;

function Files({ document }: { readonly document: OpenedDocument }) {
  return (
    <Card title="Files" aside={`${bytesText(document.bytesRead)} read to open`}>
      <ul className={s.files}>
        {document.files.map((file) => {
          const isText = file.part === 'companion' || file.part === 'index';
          return (
            <li key={file.id} data-missing={file.part === 'missing' || undefined}>
              {isText ? (
                <Button
                  look="link"
                  title={`Show the text of ${file.id}`}
                  onClick={() => showCompanion(document.id, file.id)}
                >
                  <span className={`mono ${s.key}`}>
                    <bdi dir="ltr">{file.name}</bdi>
                  </span>
                </Button>
              ) : (
                <span className={`mono ${s.file} ${s.key}`} title={file.id}>
                  <bdi dir="ltr">{file.name}</bdi>
                </span>
              )}
              {PARTS[file.part] && (
                <span className={s.part} data-missing={file.part === 'missing' || undefined}>
                  {PARTS[file.part]}
                </span>
              )}
              <span className="mono">{file.size === undefined ? '' : bytesText(file.size)}</span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
