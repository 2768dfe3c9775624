import { useEffect, useMemo, useRef, useState } from 'react';
import { type TensorValue, whyNotDecodable } from '../../../src-core/index.ts';
import { useDocument } from '../../state/compare.ts';
import { cancelComputation, leaveComputation } from '../../state/computations.ts';
import type { EntryDetail } from '../../state/engine.ts';
import { axesOfPair, isAligned, type TensorPair } from '../../state/pair-parts.ts';
import { asksForPair, computePairValues, pairValuesKey, usePairValues } from '../../state/pair-values.ts';
import { cellOfIndex, isEmpty, showSlice } from '../../state/shown-slice.ts';
import { chooseSlice, useShownSlice } from '../../state/values.ts';
import { Card, CardGrid } from '../../ui/Card.tsx';
import { bytesText, shortCount } from '../../ui/format.ts';
import { Empty, ErrorCard } from '../../ui/States.tsx';
import { ComputeBar } from '../ComputeBar.tsx';
import { SliceBar } from '../SliceBar.tsx';
import { DeltaHistogram } from './DeltaHistogram.tsx';
import s from './diff.module.css';
import type { DiffSides } from './diff-sides.ts';
import { Metrics } from './Metrics.tsx';
import { PairSheets, type SheetsHandle } from './PairSheets.tsx';
import { ShapesDiffer } from './ShapesDiffer.tsx';
import { TopCells } from './TopCells.tsx';

interface TensorDiffProps {
  readonly sides: DiffSides;
  readonly a: EntryDetail;
  readonly b: EntryDetail;
  readonly tensorA: TensorValue;
  readonly tensorB: TensorValue;
}

/** Two tensors element by element: pictures and numbers of the slice, and figures of the whole. */
export function TensorDiff({ sides, a, b, tensorA, tensorB }: TensorDiffProps) {
  const { comparison, pair, since, left, right, names } = sides;
  const tensors = useMemo<TensorPair>(
    () => ({
      a: { document: left.document, entry: a.entry.id, tensor: tensorA },
      b: { document: right.document, entry: b.entry.id, tensor: tensorB },
      axes: since ? undefined : axesOfPair(comparison, pair),
      names,
    }),
    [comparison, pair, since, left.document, right.document, names, a, b, tensorA, tensorB],
  );
  const why = whyNotCompared(a, tensorA, names[0]) ?? whyNotCompared(b, tensorB, names[1]);
  if (why)
    return (
      <div className={s.state}>
        <ErrorCard tone="warn" title="The values cannot be compared" what={why} />
      </div>
    );
  if (!isAligned(tensors)) return <ShapesDiffer a={tensorA} b={tensorB} names={names} />;
  return <AlignedTensors sides={sides} keyText={a.entry.key} tensors={tensors} />;
}

interface AlignedProps {
  readonly sides: DiffSides;
  readonly keyText: string;
  readonly tensors: TensorPair;
}

function AlignedTensors({ sides, keyText, tensors }: AlignedProps) {
  const { comparison, pair, since, names } = sides;
  const { document, entry, tensor } = tensors.a;
  const { shape } = tensor;
  const documents = [useDocument(tensors.a.document), useDocument(tensors.b.document)];
  const bytes = documents.map((side, i) => {
    const row = (i === 0 ? tensors.a : tensors.b).entry;
    return side?.tree.bytes[side.tree.nodeOfEntry[row]!] ?? 0;
  });
  const asks = asksForPair(documents, bytes);
  const of = useMemo(() => ({ pair, since }), [pair, since]);
  const computation = usePairValues(comparison, of);
  useEffect(() => {
    if (!asks) void computePairValues(comparison, of, keyText, false);
    return () => leaveComputation(pairValuesKey(comparison, of));
  }, [asks, comparison, of, keyText]);
  const shown = useShownSlice(document, entry, shape);
  const sheets = useRef<SheetsHandle>(null);
  const [wanted, setWanted] = useState<readonly number[]>();
  useEffect(() => {
    const cell = wanted && cellOfIndex(shown, wanted);
    if (!cell) return;
    sheets.current?.select(cell.row, cell.column);
    setWanted(undefined);
  }, [wanted, shown]);
  const goTo = (index: readonly number[]) => {
    if (!cellOfIndex(shown, index)) {
      const text = index.map((at, axis) => (axis < shape.length - 2 ? String(at) : ':')).join(', ');
      chooseSlice(document, entry, shape, showSlice(text, shape));
    }
    setWanted(index);
  };
  const total = (bytes[0] ?? 0) + (bytes[1] ?? 0);
  const values = computation?.value;
  const found = values?.comparison;
  const elements = shape.reduce((product, dim) => product * dim, 1);
  return (
    <div className={s.view}>
      <ComputeBar
        label={`Values of ${keyText}`}
        verb="Compare values"
        bytes={total}
        computation={computation}
        result={`${shortCount(elements)} pairs of ${values?.of ?? 'values'}${found && !found.read ? ': the same bytes of the same file' : `, ${bytesText(total)}`}`}
        onStart={() => void computePairValues(comparison, of, keyText, true)}
        onCancel={() => cancelComputation(pairValuesKey(comparison, of))}
      />
      <Metrics values={values} names={names} onGo={goTo} />
      {shape.length > 0 && <SliceBar document={document} entry={entry} shape={shape} shown={shown} />}
      {isEmpty(shown) ? (
        <Empty title="No values">A dimension of this part is 0: there is nothing in it.</Empty>
      ) : (
        <PairSheets ref={sheets} tensors={tensors} shown={shown} keyText={keyText} />
      )}
      {values && found && found.count > 0 && !found.equal && (
        <div className={s.cards}>
          <CardGrid>
            {found.read && found.read.finite > 0 && (
              <DeltaHistogram distribution={found.read.distribution} isInteger={isInteger(tensors)} names={names} />
            )}
            <Card title="Most changed" aside={`${found.top.length} of ${shortCount(found.changed)}`} padded={false}>
              <TopCells cells={found.top} indices={values.indices.top} names={names} onGo={goTo} />
            </Card>
          </CardGrid>
        </div>
      )}
    </div>
  );
}

const isInteger = ({ a, b }: TensorPair): boolean =>
  [a, b].every(({ tensor: { dtype, quant } }) => !quant && /^(u|i|bool)/.test(dtype));

function whyNotCompared(
  { storage }: EntryDetail,
  { dtype, wrapper, undeclared }: TensorValue,
  side: string,
): string | undefined {
  if (storage?.data.kind === 'absent') return `${side}: ${storage.data.why}.`;
  if (undeclared) return `${side}: its shard is not open, and nothing else says what is in it.`;
  if (wrapper?.startsWith('sparse') && !storage) return `${side}: values of sparse tensors of this kind are not read.`;
  const why = whyNotDecodable(dtype);
  if (why) return `${side}: ${why}.`;
  return storage ? undefined : `${side}: it is declared without data.`;
}
