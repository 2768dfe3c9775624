import { type DType, dtypeLabel, familyOf, type Summary } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { goTo } from '../../state/workspace.ts';
import { Badge, Times, toneOf } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, CardGrid, Facts } from '../../ui/Card.tsx';
import { bytesText, exactCount, percentText, plural, shortCount } from '../../ui/format.ts';
import type { Target } from '../view.ts';
import { estimateMemory } from './memory.ts';
import s from './overview.module.css';

export default function Overview({ target }: { readonly target: Target }) {
  const { document } = target;
  const { summary } = document;
  return (
    <CardGrid>
      <Totals document={document} />
      <Types summary={summary} />
      {summary.largest.length > 0 && <Largest document={document} />}
      {summary.repeats.length > 0 && <Repeats document={document} />}
      {summary.params > 0 && <Memory summary={summary} />}
      <Files document={document} />
    </CardGrid>
  );
}

const ROLE_WORDS: Readonly<Record<string, string>> = {
  parameter: 'Parameters',
  buffer: 'Buffers',
  variable: 'Variables',
  state: 'State',
  'extra-state': 'Extra state',
  optimizer: 'Optimiser state',
  artifact: 'Artifacts',
};

function Totals({ document }: { readonly document: OpenedDocument }) {
  const { summary } = document;
  const guess = summary.family;
  return (
    <Card
      title="What this is"
      aside={
        guess && (
          <Badge tone="accent" outlined>
            {guess.name}?
          </Badge>
        )
      }
    >
      <div className={s.headline}>
        <span>
          <b>{summary.params > 0 ? shortCount(summary.params) : exactCount(summary.entries)}</b>
          {summary.params > 0 ? 'parameters' : summary.entries === 1 ? 'entry' : 'entries'}
        </span>
        <span>
          <b>{bytesText(summary.bytes)}</b>
          of values
        </span>
        {summary.params > 0 && (
          <span>
            <b>{exactCount(summary.tensors)}</b>
            {summary.tensors === 1 ? 'tensor' : 'tensors'}
          </span>
        )}
      </div>
      <Facts
        facts={[
          ['Format', `${document.formatLabel}${document.formatVersion ? `, ${document.formatVersion}` : ''}`],
          document.dialect !== 'generic' && ['Written in the manner of', document.dialect],
          summary.params > 0 && ['Elements', exactCount(summary.params)],
          ['Entries', exactCount(summary.entries)],
          ['Modules', exactCount(summary.modules)],
          ['Keys', document.layout === 'nested' ? 'nested' : 'flat'],
          summary.tied > 0 && ['Tied entries', `${exactCount(summary.tied)}, counted once`],
          ...summary.roles
            .filter((role) => role.role !== 'unknown')
            .map(
              (role) =>
                [
                  ROLE_WORDS[role.role] ?? role.role,
                  `${exactCount(role.entries)}${role.guessed ? ' (a guess)' : ''}`,
                ] as const,
            ),
        ]}
      />
      {guess && (
        <p className={s.why}>
          <b>A guess: {guess.name}.</b> {guess.why}
        </p>
      )}
    </Card>
  );
}

const toneOfType = (name: string) => {
  const family = familyOf(name as DType);
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
            <span className="mono">{bytesText(type.bytes)}</span>
            <span className="mono">{percentText(amount(type) / total)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Largest({ document }: { readonly document: OpenedDocument }) {
  const { largest } = document.summary;
  const most = Math.max(1, ...largest.map((tensor) => tensor.bytes));
  return (
    <Card title="Largest tensors" aside={`${percentText(share(largest, document.summary.bytes))} of all bytes`}>
      <ul className={s.bars}>
        {largest.map((tensor) => (
          <li key={tensor.row}>
            <i style={{ width: `${(tensor.bytes / most) * 100}%` }} aria-hidden="true" />
            <Button look="link" onClick={() => goTo(document.id, document.tree.nodeOfEntry[tensor.row]!)}>
              <span className="mono">{tensor.key}</span>
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
  const { inference, training } = estimateMemory(summary.params, summary.bytes);
  return (
    <Card title="Memory" aside="an estimate, weights only">
      <table className={s.memory}>
        <tbody>
          {inference.map(({ name, bytes, note }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className={s.note}>{note}</td>
              <td className="mono">{bytesText(bytes)}</td>
            </tr>
          ))}
          {training.map(({ name, bytes, note }) => (
            <tr key={name} className={s.training}>
              <th scope="row">{name}</th>
              <td className={s.note}>{note}</td>
              <td className="mono">{bytesText(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Files({ document }: { readonly document: OpenedDocument }) {
  const parts = { model: '', index: 'index', companion: 'beside the model', missing: 'missing' } as const;
  return (
    <Card title="Files" aside={`${bytesText(document.bytesRead)} read to open`}>
      <ul className={s.files}>
        {document.files.map((file) => (
          <li key={file.id} data-missing={file.part === 'missing' || undefined}>
            <span className="mono" title={file.id}>
              {file.name}
            </span>
            {parts[file.part] && <Badge tone={file.part === 'missing' ? 'warn' : 'plain'}>{parts[file.part]}</Badge>}
            <span className="mono">{file.size === undefined ? '' : bytesText(file.size)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
