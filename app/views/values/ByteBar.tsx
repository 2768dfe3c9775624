import { useEffect, useState } from 'react';
import { blockOf, dtypeLabel, type Storage, type TensorValue, whyNotDecodable } from '../../../src-core/index.ts';
import type { DocumentId, EntryDetail } from '../../state/engine.ts';
import { readElement } from '../../state/read-block.ts';
import { fileOffset, indexOfElement } from '../../state/stored-pages.ts';
import { exactCount } from '../../ui/format.ts';
import { exactWord } from '../../ui/number-format.ts';
import { kindOf } from '../number-source.ts';
import { elementAround } from './byte-source.ts';
import s from './values.module.css';

interface ByteBarProps {
  readonly document: DocumentId;
  readonly detail: EntryDetail;
  readonly storage: Storage;
  readonly tensor: TensorValue | undefined;
  readonly at: number | undefined;
}

/** Where the byte lies in the file, and which number it is part of. */
export function ByteBar({ document, detail, storage, tensor, at }: ByteBarProps) {
  const place = at === undefined ? undefined : fileOffset(storage, at);
  const element = tensor && at !== undefined ? elementAround(tensor, at) : undefined;
  const index = tensor && element ? indexOfElement(tensor, element.element) : undefined;
  const block = tensor && blockOf(tensor.dtype);
  const text = useElement(document, detail, tensor, index);
  return (
    <div className={s.cellBar}>
      <span className={`mono ${s.exact}`}>
        {at === undefined ? (
          <span className={s.soft}>
            {exactCount(storage.byteLength)} bytes, {storage.endian} endian
          </span>
        ) : (
          <>
            {index && `[${index.join(', ')}] `}
            {block && element ? `and ${block.elements - 1} after it: block ${element.element / block.elements}` : text}
          </>
        )}
      </span>
      {tensor && <span className={s.type}>{dtypeLabel(tensor.dtype)}</span>}
      <span className={s.bits}>
        {at !== undefined &&
          (place ? `byte ${exactCount(place.offset)} of ${place.file}` : `byte ${exactCount(at)} of the storage`)}
      </span>
    </div>
  );
}

function useElement(
  document: DocumentId,
  { entry }: EntryDetail,
  tensor: TensorValue | undefined,
  index: readonly number[] | undefined,
): string {
  const [text, setText] = useState('');
  const key = index?.join(',');
  useEffect(() => {
    if (!tensor || key === undefined || whyNotDecodable(tensor.dtype) !== undefined) return setText('');
    const controller = new AbortController();
    readElement({ document, entry: entry.id, tensor, raw: true }, key, controller.signal).then(
      (value) => setText(exactWord(value, kindOf({ tensor, raw: true }, true))),
      () => setText(''),
    );
    return () => controller.abort();
  }, [document, entry.id, tensor, key]);
  return text;
}
