import { useState } from 'react';
import { describeError, type InputSpec, readNpy, toErrorInfo } from '../../../src-core/index.ts';
import type { SampleChoice } from '../../state/run-samples.ts';
import { readImage } from './read-image.ts';
import s from './run.module.css';

interface ArrayFileProps {
  readonly choice: Extract<SampleChoice, { kind: 'array' }>;
  readonly input: InputSpec;
  readonly onChange: (choice: SampleChoice) => void;
}

/** An array of NumPy as the sample. */
export function ArrayFile({ choice, input, onChange }: ArrayFileProps) {
  return (
    <PickFile
      title={choice.name === '' ? 'Choose a .npy file' : `${choice.name} [${choice.tensor.shape.join('×')}]`}
      accept=".npy"
      take={async (file) => {
        const tensor = await readNpy(new Uint8Array(await file.arrayBuffer()), file.name, input.dtype);
        onChange({ kind: 'array', name: file.name, tensor });
      }}
    />
  );
}

interface ImageFileProps {
  readonly shape: readonly number[];
  readonly onChange: (choice: SampleChoice) => void;
}

/** How numbers from 0 to 1 become those that the model was trained on. */
const NORMALISATIONS = {
  '0 to 1': { mean: [0, 0, 0], std: [1, 1, 1] },
  '−1 to 1': { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  ImageNet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const;
type Normalisation = keyof typeof NORMALISATIONS;

/** An image file, brought to the size of the input. */
export function ImageFile({ shape, onChange }: ImageFileProps) {
  const [normalisation, setNormalisation] = useState<Normalisation>('0 to 1');
  return (
    <div className={s.fields}>
      <PickFile
        title="Choose an image"
        accept="image/*"
        take={async (file) => {
          const tensor = await readImage(file, shape, NORMALISATIONS[normalisation]);
          onChange({ kind: 'image', name: file.name, tensor });
        }}
      />
      <label className={s.field}>
        Pixels as
        <select value={normalisation} onChange={({ target }) => setNormalisation(target.value as Normalisation)}>
          {Object.keys(NORMALISATIONS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

interface PickFileProps {
  readonly title: string;
  readonly accept: string;
  readonly take: (file: File) => Promise<void>;
}

function PickFile({ title, accept, take }: PickFileProps) {
  const [failure, setFailure] = useState<string>();
  return (
    <div>
      <label className={s.pickFile}>
        {title}
        <input
          type="file"
          accept={accept}
          onChange={async ({ target }) => {
            const file = target.files?.[0];
            target.value = '';
            if (!file) return;
            try {
              await take(file);
              setFailure(undefined);
            } catch (error) {
              setFailure(describeError(toErrorInfo(error)));
            }
          }}
        />
      </label>
      {failure && (
        <p className={s.failure} role="alert">
          {failure}
        </p>
      )}
    </div>
  );
}
