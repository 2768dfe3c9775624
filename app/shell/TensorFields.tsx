import { DTYPES, dtypeLabel, familyOf, type KnownDType, QUANTISABLE, whyNotEncodable } from '../../src-core/index.ts';
import type { TensorAct, TensorForm } from '../state/tensor-form.ts';
import { Segments } from '../ui/Segments.tsx';
import dialogs from './dialogs.module.css';
import s from './TensorDialog.module.css';

interface TensorFieldsProps {
  readonly act: TensorAct;
  readonly form: TensorForm;
  /** Of the one tensor that is meant, where there is one. */
  readonly shape: readonly number[] | undefined;
  readonly onChange: (change: Partial<TensorForm>) => void;
}

/** What an edit of tensors has to be told. */
export function TensorFields({ act, form, shape, onChange }: TensorFieldsProps) {
  switch (act) {
    case 'fill':
      return <Filling form={form} onChange={onChange} />;
    case 'cast':
      return <TypeChoice blocks value={form.dtype} onChange={(dtype) => onChange({ dtype })} />;
    case 'view-as':
      return <TypeChoice value={form.dtype} onChange={(dtype) => onChange({ dtype })} />;
    case 'affine':
      return (
        <div className={s.row}>
          <Field label="Multiply by" value={form.scale} onChange={(scale) => onChange({ scale })} />
          <Field label="then add" value={form.shift} onChange={(shift) => onChange({ shift })} />
        </div>
      );
    case 'reshape':
      return (
        <Field
          label="Shape (−1: what is left)"
          value={form.shape}
          onChange={(text) => onChange({ shape: text.replaceAll('−', '-') })}
        />
      );
    case 'transpose':
      return <Field label="Dimensions, in their new order" value={form.axes} onChange={(axes) => onChange({ axes })} />;
    case 'slice-tensor':
      return (
        <Field
          label="The part to keep, as NumPy writes it"
          value={form.slice}
          placeholder="0:10, ::2"
          onChange={(slice) => onChange({ slice })}
        />
      );
    case 'pad':
      return <Padding form={form} shape={shape ?? []} onChange={onChange} />;
  }
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly onChange: (value: string) => void;
}

export function Field({ label, value, placeholder, onChange }: FieldProps) {
  return (
    <label className={s.label}>
      {label}
      <input
        className={`mono ${dialogs.field}`}
        value={value}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

export function Filling({ form, onChange }: Pick<TensorFieldsProps, 'form' | 'onChange'>) {
  const field = (name: 'constant' | 'seed' | 'mean' | 'std' | 'low' | 'high', label: string) => (
    <Field label={label} value={form[name]} onChange={(text) => onChange({ [name]: text })} />
  );
  return (
    <>
      <div className={s.fillings}>
        <Segments
          label="Fill with"
          value={form.filling}
          options={[
            ['zeros', 'Zeros'],
            ['ones', 'Ones'],
            ['constant', 'Constant'],
            ['normal', 'Normal'],
            ['uniform', 'Uniform'],
          ]}
          onChange={(filling) => onChange({ filling })}
        />
      </div>
      {form.filling === 'constant' && <div className={s.row}>{field('constant', 'Value of every element')}</div>}
      {form.filling === 'normal' && (
        <div className={s.row}>
          {field('mean', 'Mean')}
          {field('std', 'Standard deviation')}
          {field('seed', 'Seed')}
        </div>
      )}
      {form.filling === 'uniform' && (
        <div className={s.row}>
          {field('low', 'From')}
          {field('high', 'To, not reached')}
          {field('seed', 'Seed')}
        </div>
      )}
    </>
  );
}

const GROUPS: readonly (readonly [title: string, families: readonly string[]])[] = [
  ['Floats', ['half', 'float', 'float8']],
  ['Integers', ['int', 'uint', 'bool']],
  ['Complex', ['complex']],
];

const TYPES = (Object.keys(DTYPES) as KnownDType[]).filter((dtype) => whyNotEncodable(dtype) === undefined);

export function TypeChoice({
  value,
  blocks,
  onChange,
}: {
  readonly value: string;
  /** Types in blocks can be chosen too. */
  readonly blocks?: boolean;
  readonly onChange: (dtype: string) => void;
}) {
  return (
    <label className={s.label}>
      Element type
      <select className={`mono ${dialogs.field}`} value={value} onChange={(event) => onChange(event.target.value)}>
        {GROUPS.map(([title, families]) => (
          <optgroup key={title} label={title}>
            {TYPES.filter((dtype) => families.includes(familyOf(dtype))).map((dtype) => (
              <option key={dtype} value={dtype}>
                {dtype} · {DTYPES[dtype].about}
              </option>
            ))}
          </optgroup>
        ))}
        {blocks && (
          <optgroup label="Blocks, for GGUF">
            {QUANTISABLE.map((dtype) => (
              <option key={dtype} value={dtype}>
                {dtypeLabel(dtype)} · {DTYPES[dtype].about}
              </option>
            ))}
          </optgroup>
        )}
      </select>
    </label>
  );
}

function Padding({
  form,
  shape,
  onChange,
}: Pick<TensorFieldsProps, 'form' | 'onChange'> & { shape: readonly number[] }) {
  const cell = (side: 'before' | 'after', axis: number) => (
    <input
      className={`mono ${dialogs.field}`}
      aria-label={`Elements ${side} those of dimension ${axis}`}
      inputMode="numeric"
      value={form[side][axis] ?? ''}
      onChange={(event) => onChange({ [side]: form[side].with(axis, event.target.value) })}
    />
  );
  return (
    <>
      <div className={s.padding}>
        <span />
        <span>before</span>
        <span>after</span>
        {shape.map((dim, axis) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a dimension is its place
          <div key={axis}>
            <span>
              dimension {axis} <span className="mono">({dim})</span>
            </span>
            {cell('before', axis)}
            {cell('after', axis)}
          </div>
        ))}
      </div>
      <Field label="Value of the new elements" value={form.padding} onChange={(padding) => onChange({ padding })} />
    </>
  );
}
