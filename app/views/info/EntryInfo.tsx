import type { ReactNode } from 'react';
import {
  countElements,
  DTYPES,
  dtypeLabel,
  type Entry,
  familyOf,
  isBlockDType,
  isKnownDType,
  type Quant,
  type RoleSource,
  type Storage,
  type TensorValue,
} from '../../../src-core/index.ts';
import type { EntryDetail, OpenedDocument } from '../../state/engine.ts';
import { selectEntry } from '../../state/explorer.ts';
import { problemsOfEntry, useHealth } from '../../state/health.ts';
import { openRole } from '../../state/roles.ts';
import { Badge, Guess, toneOf } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, CardStack, Facts } from '../../ui/Card.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { bytesText, exactBytes, exactCount, plural, shapeText } from '../../ui/format.ts';
import { JsonTree } from '../../ui/JsonTree.tsx';
import { KeyText } from '../../ui/KeyText.tsx';
import { ErrorCard } from '../../ui/States.tsx';
import { BlocksCard } from './BlocksCard.tsx';
import { DeclaredCard } from './DeclaredCard.tsx';
import { derivationSteps } from './derivation-words.ts';
import s from './info.module.css';
import { PackedCard } from './PackedCard.tsx';

const SOURCES: Readonly<Record<RoleSource, string>> = {
  file: 'the file says so',
  sidecar: 'a file beside it says so',
  heuristic: 'a guess from its name',
  user: 'set by you',
};

export function EntryInfo({ document, detail }: { readonly document: OpenedDocument; readonly detail: EntryDetail }) {
  const { entry, storage, sharedWith } = detail;
  const health = useHealth(document.id);
  const problems = health.structure ? problemsOfEntry(health, entry.id) : detail.problems;
  const { value } = entry;
  const beside = value.type === 'tensor' || storage !== undefined;
  return (
    <>
      {problems.length > 0 && (
        <div className={s.problems} data-wide>
          {problems.map((problem) => (
            <ErrorCard
              key={`${problem.code}${problem.message}`}
              tone={problem.severity === 'error' ? 'bad' : problem.severity === 'warning' ? 'warn' : 'plain'}
              title={problem.severity === 'error' ? 'Problem' : problem.severity === 'warning' ? 'Warning' : 'Note'}
              what={problem.message}
              advice={problem.advice}
            />
          ))}
        </div>
      )}
      <CardStack wide={!beside}>
        <Card title="Entry">
          <Facts
            columns={!beside}
            facts={[
              ['Key', <Copied key="key" text={entry.key} />],
              ['Type', <TypeWords key="type" entry={entry} />],
              [
                'Role',
                <span key="role" className={s.role}>
                  <RoleWords entry={entry} />
                  <Button
                    look="link"
                    aria-label={`Set the role of ${entry.key}`}
                    onClick={() => void openRole(document, entry.id)}
                  >
                    Set…
                  </Button>
                </span>,
              ],
              entry.path.parts.join('.') !== entry.key && [
                'Parts',
                entry.path.parts.map((part) => JSON.stringify(part)).join(' · '),
              ],
              entry.path.ambiguous && [
                'Could also be read as',
                entry.path.ambiguous.map((p) => JSON.stringify(p)).join(' or '),
              ],
              ...scalarFacts(entry),
            ]}
          />
        </Card>
        {detail.packed && <PackedCard document={document} packed={detail.packed} />}
        {sharedWith.length > 0 && (
          <Card title="Tied with" aside="one storage under several names">
            <ul className={s.ties}>
              {sharedWith.map((other) => (
                <li key={other.id}>
                  <Button look="link" onClick={() => selectEntry(document.id, other.id)}>
                    <span className="mono">{other.key}</span>
                  </Button>
                  {other.owner && <Badge tone="accent">counted here</Badge>}
                </li>
              ))}
            </ul>
          </Card>
        )}
        {entry.meta && entry.meta.length > 0 && <DeclaredCard document={document} entry={entry} meta={entry.meta} />}
      </CardStack>
      {beside && (
        <CardStack>
          {value.type === 'tensor' && (
            <TensorCard value={value} {...(detail.span !== undefined && { span: detail.span })} />
          )}
          {value.type === 'tensor' && isBlockDType(value.dtype) && storage && (
            <BlocksCard document={document.id} entry={entry.id} value={value} dtype={value.dtype} storage={storage} />
          )}
          {storage && <StorageCard storage={storage} />}
        </CardStack>
      )}
      {value.type === 'json' && (
        <Card title={value.flavour ?? 'Value'} wide>
          <JsonTree value={value.json} />
        </Card>
      )}
      {value.type === 'opaque' && (
        <Card title="Object, shown and never made" wide>
          <p className={s.note}>
            The file would make a <span className="mono">{value.typeName}</span> here. It is listed, not run.
          </p>
          <pre className={s.opaque}>{value.text}</pre>
        </Card>
      )}
    </>
  );
}

const Copied = ({ text }: { readonly text: string }) => (
  <span className={s.copied}>
    <KeyText text={text} /> <CopyButton text={text} label="Copy key" />
  </span>
);

function TypeWords({ entry }: { readonly entry: Entry }) {
  const { value } = entry;
  if (value.type !== 'tensor') return <Badge tone={toneOf(value.type)}>{value.type}</Badge>;
  if (value.undeclared) return <>tensor</>;
  return (
    <>
      tensor <Badge tone={toneOf(familyOf(value.dtype))}>{dtypeLabel(value.dtype)}</Badge>
    </>
  );
}

function RoleWords({ entry }: { readonly entry: Entry }) {
  const { role, roleSource } = entry;
  const name =
    role.role === 'variable'
      ? role.variable
      : role.role === 'parameter' && role.spec
        ? `parameter (${role.spec})`
        : role.role;
  if (role.role === 'unknown') return <span className={s.soft}>the file does not say</span>;
  return (
    <>
      {name}{' '}
      {roleSource === 'heuristic' ? (
        <Guess title="From its name: the file does not say">a guess</Guess>
      ) : (
        <span className={s.soft}>({SOURCES[roleSource]})</span>
      )}
    </>
  );
}

function scalarFacts(entry: Entry): (readonly [string, ReactNode])[] {
  const { value } = entry;
  switch (value.type) {
    case 'int':
      return [['Value', value.digits]];
    case 'float':
      return [['Value', value.lexeme ?? String(value.value)]];
    case 'bool':
      return [['Value', String(value.value)]];
    case 'null':
      return [['Value', 'null']];
    case 'complex':
      return [['Value', `${value.re} + ${value.im}i`]];
    case 'bytes':
      return [['Length', plural(value.length, 'byte')]];
    case 'empty':
      return [['Value', `an empty ${value.of}`]];
    case 'text':
      return [['Length', plural(value.text.length, 'character')]];
    default:
      return [];
  }
}

function TensorCard({ value, span }: { readonly value: TensorValue; readonly span?: number }) {
  if (value.undeclared) {
    return (
      <Card title="Tensor">
        <Facts
          facts={[
            [
              'Shape',
              <span key="shape" className={s.soft}>
                not declared: its shard is not open
              </span>,
            ],
          ]}
        />
      </Card>
    );
  }
  const elements = countElements(value.shape);
  const contiguous = value.strides === undefined;
  return (
    <Card title="Tensor">
      <Facts
        facts={[
          ['Shape', shapeText(value.shape)],
          ['Elements', exactCount(elements)],
          ['Element type', isKnownDType(value.dtype) ? DTYPES[value.dtype].about : 'not known to this program'],
          [
            'Strides',
            contiguous ? `${cStrides(value.shape).join(', ') || 'none'} (contiguous)` : value.strides.join(', '),
          ],
          value.offset > 0 && ['Offset in its storage', plural(value.offset, 'element')],
          span !== undefined && span > elements && ['Spans', `${plural(span, 'element')}, with gaps`],
          value.quant && ['Quantised', quantWords(value.quant)],
          value.requiresGrad !== undefined && ['requires_grad', String(value.requiresGrad)],
          value.device !== undefined && ['Saved from', value.device],
          value.wrapper !== undefined && ['Wrapped in', value.wrapper],
          value.conjugate === true && ['Conjugate', 'values are the conjugates of what is stored'],
          value.negative === true && ['Negated', 'values are the negatives of what is stored'],
        ]}
      />
    </Card>
  );
}

/** Strides of a contiguous tensor in C order, in elements. */
function cStrides(shape: readonly number[]): number[] {
  const strides: number[] = new Array(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(1, shape[i]!);
  }
  return strides;
}

const quantWords = (quant: Quant): string =>
  quant.scheme === 'per-tensor-affine'
    ? `one scale ${quant.scale}, zero point ${quant.zeroPoint}`
    : `${plural(quant.channels, 'channel')} along axis ${quant.axis}, each with its own scale`;

function storageAside({ data }: Storage): string | undefined {
  if (data.kind === 'inline') return 'inside the file’s own text';
  if (data.kind !== 'derived') return undefined;
  const isStored = data.expr.kind === 'chunks' || data.expr.kind === 'varints';
  return isStored ? 'put together when it is read' : 'made by edits when it is read';
}

function StorageCard({ storage }: { readonly storage: Storage }) {
  const { data } = storage;
  if (data.kind === 'absent') return <ErrorCard tone="warn" title="The bytes are not here" what={`${data.why}.`} />;
  const slices = data.kind === 'slices' ? data.slices : [];
  const first = slices[0];
  const steps = derivationSteps(storage);
  return (
    <Card title="Storage" aside={storageAside(storage)}>
      <Facts
        facts={[
          ['Bytes', exactBytes(storage.byteLength)],
          first && slices.length === 1 && ['File', <KeyText key="file" text={first.file} />],
          first &&
            slices.length === 1 && [
              'Byte range',
              `${exactCount(first.offset)} – ${exactCount(first.offset + first.length)}`,
            ],
          first && slices.length === 1 && ['Aligned to', plural(alignmentOf(first.offset), 'byte')],
          first?.codec !== undefined && ['Packed', `${first.codec}, ${bytesText(first.length)} packed`],
          slices.length > 1 && [
            'In pieces',
            `${slices.length} slices of ${new Set(slices.map((x) => x.file)).size} files`,
          ],
          steps.length > 0 && ['Made', steps.join(', then ')],
          ['Byte order', storage.endian === 'little' ? 'little endian' : 'big endian'],
        ]}
      />
    </Card>
  );
}

/** The largest power of two, up to a page, that an offset is a multiple of. */
function alignmentOf(offset: number): number {
  let alignment = 4096;
  while (alignment > 1 && offset % alignment !== 0) alignment /= 2;
  return alignment;
}
