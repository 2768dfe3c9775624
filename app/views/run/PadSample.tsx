import { useRef } from 'react';
import type { SampleChoice } from '../../state/run-samples.ts';
import { Button } from '../../ui/Button.tsx';
import { DrawingPad } from '../../ui/DrawingPad.tsx';
import s from './run.module.css';

interface PadSampleProps {
  readonly shape: readonly number[];
  readonly choice: Extract<SampleChoice, { kind: 'image' }>;
  readonly onChange: (choice: SampleChoice) => void;
}

/** A pad as large as the input's image: what is drawn is its sample, the same in every channel. */
export function PadSample({ shape, choice, onChange }: PadSampleProps) {
  const [channels = 1, height = 1, width = 1] = shape.slice(-3);
  const area = height * width;
  const fits = choice.tensor.data.length === channels * area;
  const pixels = fits ? (choice.tensor.data as Float32Array<ArrayBuffer>).subarray(0, area) : undefined;
  const kept = useRef(new Float32Array(area));
  if (pixels) kept.current = pixels.slice();
  const give = (drawn: Float32Array<ArrayBuffer>) => {
    const data = new Float32Array(channels * area);
    for (let c = 0; c < channels; c++) data.set(drawn, c * area);
    onChange({ kind: 'image', name: 'drawing', tensor: { dtype: 'f32', shape: [channels, height, width], data } });
  };
  return (
    <div className={s.pad}>
      <DrawingPad label="Drawing pad" width={width} height={height} pixels={kept.current} onDraw={give} />
      <Button look="quiet" onClick={() => give(new Float32Array(area))}>
        Clear
      </Button>
    </div>
  );
}
