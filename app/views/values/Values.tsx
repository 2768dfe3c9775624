import { useEffect } from 'react';
import { type EntryId, type TensorValue, type Value, whyNotDecodable } from '../../../src-core/index.ts';
import type { EntryDetail, OpenedDocument } from '../../state/engine.ts';
import { entryOf } from '../../state/explorer.ts';
import { entryDetail } from '../../state/resources.ts';
import { chooseNumbers, readAhead, shapeOfEntry, useShownSlice, useValues } from '../../state/values.ts';
import { Answer } from '../../ui/Answer.tsx';
import { ErrorCard } from '../../ui/States.tsx';
import { SliceBar } from '../SliceBar.tsx';
import type { Target } from '../view.ts';
import { HexPane } from './HexPane.tsx';
import { TensorValues } from './TensorValues.tsx';
import s from './values.module.css';

export default function Values({ target: { document, node } }: { readonly target: Target }) {
  const row = entryOf(document, node);
  useEffect(() => {
    if (row === undefined) return;
    const controller = new AbortController();
    entryDetail(document.id, row).then(
      (detail) => readAhead(document.id, detail, controller.signal),
      () => undefined,
    );
    return () => controller.abort();
  }, [document, row]);
  if (row === undefined) return null;
  return (
    <Answer to={entryDetail(document.id, row)} waiting={<Waiting document={document} entry={row} />}>
      {(detail) => <EntryValues document={document} detail={detail} />}
    </Answer>
  );
}

/** The frame that the numbers come into: what the tree knows is there at once. */
function Waiting({ document, entry }: { readonly document: OpenedDocument; readonly entry: EntryId }) {
  const shape = shapeOfEntry(document, entry) ?? [];
  return (
    <div className={s.view}>
      <div className={s.bars}>
        <SliceBar document={document.id} entry={entry} shape={shape} shown={useShownSlice(document.id, entry, shape)} />
      </div>
      <div className={s.sheet} />
    </div>
  );
}

interface EntryValuesProps {
  readonly document: OpenedDocument;
  readonly detail: EntryDetail;
}

function EntryValues({ document, detail }: EntryValuesProps) {
  const { value } = detail.entry;
  const chosen = chooseNumbers(
    detail,
    useValues((state) => state.raw),
  );
  const why = whyAbsent(value, detail);
  if (why) {
    return (
      <div className={s.state}>
        <ErrorCard tone="warn" title="The numbers are not here" what={`${why}.`} />
      </div>
    );
  }
  const undecodable = chosen && whyUndecodable(chosen.tensor);
  if (chosen && !undecodable) return <TensorValues document={document} detail={detail} {...chosen} />;
  return (
    <div className={s.view}>
      <div className={s.bars}>
        {undecodable ? <p className={s.note}>Only the bytes can be shown: {undecodable}.</p> : null}
      </div>
      <HexPane document={document.id} detail={detail} />
    </div>
  );
}

function whyUndecodable({ dtype, wrapper, storage }: TensorValue): string | undefined {
  return (
    whyNotDecodable(dtype) ??
    (wrapper?.startsWith('sparse') && storage === undefined
      ? 'values of sparse tensors of this kind are not read'
      : undefined)
  );
}

function whyAbsent(value: Value, { storage }: EntryDetail): string | undefined {
  if (storage?.data.kind === 'absent') return storage.data.why;
  if (value.type === 'tensor' && value.undeclared) return 'Its shard is not open, and nothing else says what is in it';
  return storage ? undefined : 'It is declared without data';
}
