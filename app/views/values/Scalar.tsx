import { useEffect, useState, useSyncExternalStore } from 'react';
import { DTYPES, dtypeLabel, isKnownDType } from '../../../src-core/index.ts';
import { readElementBits } from '../../state/element-bits.ts';
import type { EntryDetail } from '../../state/engine.ts';
import { indexOfCell } from '../../state/shown-slice.ts';
import type { ShownPart, ValueTiles } from '../../state/value-tiles.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { exactWord } from '../../ui/number-format.ts';
import type { NumberSource } from '../number-source.ts';
import { ReadFailure } from '../ReadFailure.tsx';
import s from './values.module.css';

interface ScalarProps {
  readonly detail: EntryDetail;
  readonly part: ShownPart;
  readonly tiles: ValueTiles;
  readonly source: NumberSource;
}

/** One number, in full. */
export function Scalar({ detail, part, tiles, source }: ScalarProps) {
  const { document, tensor, shown } = part;
  const [bits, setBits] = useState('');
  useEffect(() => {
    tiles.want({ from: 0, to: 1 }, { from: 0, to: 1 });
    const controller = new AbortController();
    const endian = detail.storage?.endian ?? 'little';
    const index = indexOfCell(shown, 0, 0);
    readElementBits(document, detail.entry.id, tensor, endian, index, controller.signal).then(setBits, () => undefined);
    return () => controller.abort();
  }, [document, detail, tensor, shown, tiles]);
  const text = useSyncExternalStore(tiles.subscribe, () => {
    const value = tiles.valueAt(0, 0);
    return value === undefined ? '' : exactWord(value, source.kind());
  });
  return (
    <div className={s.sheet}>
      <div className={s.scalar}>
        <p className={s.single}>
          <output aria-label="Value">{text || ' '}</output>
          {text && <CopyButton text={text} label="Copy value" />}
        </p>
        <p className="mono">
          {dtypeLabel(tensor.dtype)} {bits}
        </p>
        <p>{isKnownDType(tensor.dtype) && DTYPES[tensor.dtype].about}</p>
        <ReadFailure tiles={tiles} />
      </div>
    </div>
  );
}
