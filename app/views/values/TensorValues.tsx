import { useEffect, useMemo } from 'react';
import { dtypeLabel, isBlockDType, type TensorValue } from '../../../src-core/index.ts';
import type { EntryDetail, OpenedDocument } from '../../state/engine.ts';
import { imageSheetOf } from '../../state/kernel-tiles.ts';
import { unpackWeights } from '../../state/proposals.ts';
import { isEmpty } from '../../state/shown-slice.ts';
import { openTensorEdit } from '../../state/tensor-editing.ts';
import { chooseMode, chooseRaw, noteUnpacked, useShownSlice, useValues, type ValuesMode } from '../../state/values.ts';
import { Button } from '../../ui/Button.tsx';
import { Pencil } from '../../ui/icons.ts';
import { Segments } from '../../ui/Segments.tsx';
import { Empty } from '../../ui/States.tsx';
import { SliceBar } from '../SliceBar.tsx';
import { ColourMenu } from './ColourMenu.tsx';
import { HexPane } from './HexPane.tsx';
import { ImagesPane } from './ImagesPane.tsx';
import { NumbersPane } from './NumbersPane.tsx';
import s from './values.module.css';

interface TensorValuesProps {
  readonly document: OpenedDocument;
  readonly detail: EntryDetail;
  /** The entry's own, or the weight that is packed in it. */
  readonly tensor: TensorValue;
  readonly raw: boolean;
}

export function TensorValues({ document, detail, tensor, raw }: TensorValuesProps) {
  const { entry, packed } = detail;
  const unpacked = packed?.unpacked?.value;
  const isUnpacked = tensor === unpacked;
  const shown = useShownSlice(document.id, entry.id, tensor.shape);
  const wished = useValues((state) => state.mode);
  const images = useMemo(() => imageSheetOf(tensor.shape), [tensor.shape]);
  const mode: ValuesMode = wished === 'images' && !images ? 'both' : wished;
  const isScalar = tensor.shape.length === 0;
  useEffect(() => {
    noteUnpacked(document.id, entry.id, isUnpacked ? tensor.shape : undefined);
  }, [document.id, entry.id, isUnpacked, tensor.shape]);
  return (
    <div className={s.view}>
      <div className={s.bars}>
        <div className={s.tools}>
          <ModeChoice mode={mode} scalar={isScalar} images={images !== undefined} />
          {tensor.quant && mode !== 'hex' && (
            <Segments
              label="Numbers of a quantised tensor"
              value={raw ? 'stored' : 'dequantised'}
              options={[
                ['dequantised', 'Dequantised'],
                ['stored', 'Stored'],
              ]}
              onChange={(value) => chooseRaw(value === 'stored')}
            />
          )}
          {unpacked && mode !== 'hex' && (
            <Segments
              label="Numbers of a packed weight"
              value={raw ? 'stored' : 'unpacked'}
              options={[
                ['unpacked', 'Unpacked'],
                ['stored', 'Stored'],
              ]}
              onChange={(value) => chooseRaw(value === 'stored')}
            />
          )}
          {packed?.why !== undefined && <p className={s.note}>Its codes, as they are stored: {packed.why}.</p>}
          {isBlockDType(tensor.dtype) && mode !== 'hex' && (
            <Button
              look="link"
              title={`These are the numbers that blocks of ${dtypeLabel(tensor.dtype)} stand for: one alone cannot be changed`}
              onClick={() => openTensorEdit(document, 'cast')}
            >
              Cast to change numbers…
            </Button>
          )}
          <span className={s.ends}>
            {mode !== 'hex' && !isScalar && <ColourMenu />}
            {packed && isUnpacked ? (
              <Button
                look="quiet"
                title={`These are the numbers that codes and scales stand for (${packed.packing}): one alone cannot be changed`}
                onClick={() => void unpackWeights(document.id, [packed.key])}
              >
                <Pencil size={14} aria-hidden="true" />
                Unpack to edit
              </Button>
            ) : (
              <Button look="quiet" onClick={() => openTensorEdit(document)}>
                <Pencil size={14} aria-hidden="true" />
                Edit tensor…
              </Button>
            )}
          </span>
        </div>
        {(mode === 'both' || mode === 'numbers' || mode === 'heatmap') && !isScalar && (
          <SliceBar document={document.id} entry={entry.id} shape={tensor.shape} shown={shown} />
        )}
      </div>
      {mode === 'hex' ? (
        <HexPane document={document.id} detail={detail} />
      ) : mode === 'images' && images ? (
        <ImagesPane document={document.id} detail={detail} tensor={tensor} sheet={images} raw={raw} />
      ) : isEmpty(shown) ? (
        <div className={s.sheet}>
          <Empty title="No values">A dimension of this part is 0: there is nothing in it.</Empty>
        </div>
      ) : (
        <NumbersPane document={document.id} detail={detail} tensor={tensor} shown={shown} raw={raw} mode={mode} />
      )}
    </div>
  );
}

const MODES: readonly (readonly [ValuesMode, string])[] = [
  ['both', 'Both'],
  ['numbers', 'Numbers'],
  ['heatmap', 'Heatmap'],
  ['images', 'Images'],
  ['hex', 'Hex'],
];
const SCALAR_MODES: typeof MODES = [
  ['both', 'Number'],
  ['hex', 'Hex'],
];

interface ModeChoiceProps {
  readonly mode: ValuesMode;
  readonly scalar: boolean;
  readonly images: boolean;
}

function ModeChoice({ mode, scalar, images }: ModeChoiceProps) {
  const options = scalar ? SCALAR_MODES : MODES.filter(([id]) => images || id !== 'images');
  return (
    <Segments
      label="Show as"
      value={scalar && mode !== 'hex' ? 'both' : mode}
      options={options}
      onChange={chooseMode}
    />
  );
}
