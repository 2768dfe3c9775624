import type { InputSpec, RunDescription } from '../../../src-core/index.ts';
import { describeError, dtypeLabel } from '../../../src-core/index.ts';
import type { DocumentId } from '../../state/engine.ts';
import { type RunForm, sampleOf } from '../../state/run.ts';
import { type SampleChoice, shapeOf } from '../../state/run-samples.ts';
import { Card } from '../../ui/Card.tsx';
import { ArrayFile, ImageFile } from './FileSample.tsx';
import { KeptSample } from './KeptSample.tsx';
import { NumberField } from './NumberField.tsx';
import { PadSample } from './PadSample.tsx';
import s from './run.module.css';
import { kindsFor, startOf } from './sample-kinds.ts';
import { TextSample } from './TextSample.tsx';

interface InputsProps {
  readonly document: DocumentId;
  readonly description: RunDescription;
  readonly form: RunForm;
  readonly onChange: (part: Partial<RunForm>) => void;
}

/** A sample for everything that goes in. */
export function Inputs({ document, description, form, onChange }: InputsProps) {
  return (
    <>
      {description.inputs.map((input) => (
        <InputCard
          key={input.name}
          document={document}
          input={input}
          description={description}
          form={form}
          onChange={onChange}
        />
      ))}
    </>
  );
}

function InputCard({ document, input, description, form, onChange }: InputsProps & { readonly input: InputSpec }) {
  const choice = sampleOf(form, input, description);
  const shape = shapeOf(input, form.sizes[input.name]);
  const give = (next: SampleChoice) => onChange({ samples: { ...form.samples, [input.name]: next } });
  const kinds = kindsFor(input, description);
  return (
    <Card
      title={<span className="mono">{input.name}</span>}
      aside={`${wordMeaning(input)} · ${dtypeLabel(input.dtype)}`}
    >
      <div className={s.input}>
        <div className={s.fields}>
          <label className={s.field}>
            Sample
            <select
              value={choice.kind}
              onChange={({ target }) => give(startOf(target.value, choice, description, input, shape))}
            >
              {kinds.map(([kind, title]) => (
                <option key={kind} value={kind}>
                  {title}
                </option>
              ))}
            </select>
          </label>
          <Detail choice={choice} input={input} onChange={give} />
          {isMade(choice) && <SizeFields input={input} form={form} shape={shape} onChange={onChange} />}
        </div>
        {choice.kind === 'text' && (
          <TextSample
            key={JSON.stringify(description.tokeniser)}
            document={document}
            text={choice.text}
            tokeniser={description.tokeniser}
            below={input.below}
            onChange={give}
          />
        )}
        {input.meaning === 'tokens' && description.tokeniserError && (
          <p className={s.failure}>No text can be given: {describeError(description.tokeniserError)}</p>
        )}
        {choice.kind === 'numbers' && <NumbersField numbers={choice.numbers} input={input} onChange={give} />}
        {choice.kind === 'image' && input.meaning === 'image' && (
          <>
            <PadSample
              key={shape.join()}
              shape={shape}
              choice={choice}
              onChange={(next) => onChange({ samples: { ...form.samples, [input.name]: next }, isRunning: true })}
            />
            <ImageFile shape={shape} onChange={give} />
          </>
        )}
        {choice.kind === 'array' && <ArrayFile choice={choice} input={input} onChange={give} />}
        {choice.kind === 'kept' && <KeptSample choice={choice} input={input} onChange={give} />}
      </div>
    </Card>
  );
}

const isMade = ({ kind }: SampleChoice): boolean => !['text', 'numbers', 'image', 'array', 'kept'].includes(kind);

const wordMeaning = ({ meaning, below }: InputSpec): string =>
  meaning === 'tokens' && below !== undefined ? `tokens below ${below}` : meaning;

interface DetailProps {
  readonly choice: SampleChoice;
  readonly input: InputSpec;
  readonly onChange: (choice: SampleChoice) => void;
}

/** The seed of what is drawn, the place of the one. */
function Detail({ choice, input, onChange }: DetailProps) {
  if ('seed' in choice)
    return (
      <NumberField
        title="Seed"
        value={choice.seed}
        least={0}
        most={2 ** 32}
        onChange={(seed) => onChange({ ...choice, seed })}
      />
    );
  if (choice.kind !== 'one-hot') return null;
  const width = input.dims.at(-1)?.size ?? 1;
  return (
    <NumberField
      title="Place"
      value={choice.at}
      least={0}
      most={width - 1}
      onChange={(at) => onChange({ ...choice, at })}
    />
  );
}

interface SizeFieldsProps {
  readonly input: InputSpec;
  readonly form: RunForm;
  readonly shape: readonly number[];
  readonly onChange: (part: Partial<RunForm>) => void;
}

/** Axes that may have another size, and those that may not. */
function SizeFields({ input, form, shape, onChange }: SizeFieldsProps) {
  const set = (axis: number, size: number) =>
    onChange({ sizes: { ...form.sizes, [input.name]: { ...form.sizes[input.name], [axis]: size } } });
  return (
    <>
      {input.dims.map(({ free }, axis) =>
        free === undefined ? null : (
          <NumberField
            // biome-ignore lint/suspicious/noArrayIndexKey: an axis is its place
            key={axis}
            title={free.charAt(0).toUpperCase() + free.slice(1)}
            value={shape[axis] ?? 1}
            least={1}
            most={MOST_SIZE}
            onChange={(size) => set(axis, size)}
          />
        ),
      )}
      <span className={`mono ${s.shape}`}>[{shape.join('×')}]</span>
    </>
  );
}

const MOST_SIZE = 100_000;

/** Numbers as they are typed or pasted, with commas, spaces or line breaks between. */
function NumbersField({
  numbers,
  input,
  onChange,
}: {
  readonly numbers: readonly number[];
  readonly input: InputSpec;
  readonly onChange: (choice: SampleChoice) => void;
}) {
  return (
    <label className={s.field}>
      Numbers, in C order
      <textarea
        className="mono"
        rows={3}
        defaultValue={numbers.join(', ')}
        placeholder={input.dims.map(({ size }) => size).join(' × ')}
        spellCheck={false}
        onChange={({ target }) => {
          const next = target.value
            .split(/[\s,;]+/)
            .filter(Boolean)
            .map(Number);
          if (!next.some(Number.isNaN)) onChange({ kind: 'numbers', numbers: next });
        }}
      />
    </label>
  );
}
