import { dtypeLabel, type EditPreview, familyOf, type TensorForm } from '../../src-core/index.ts';
import { Badge, toneOf } from '../ui/Badge.tsx';
import { CheckBox } from '../ui/CheckBox.tsx';
import { exactCount, plural, shapeText } from '../ui/format.ts';
import s from './TensorDialog.module.css';

/** What tensors are now and would be then. */
export function Outcome({ preview, chosen }: { readonly preview: EditPreview | undefined; readonly chosen: number }) {
  const isNothing = preview?.tensors === 0;
  return (
    <table className={`numbers ${s.outcome}`} aria-label="What it comes to">
      <tbody>
        <OutcomeRow
          title="Now"
          form={isNothing ? undefined : preview?.before}
          count={preview?.tensors ?? chosen}
          words="…"
        />
        <OutcomeRow
          title="Then"
          form={isNothing ? undefined : preview?.after}
          count={preview?.tensors ?? chosen}
          words={isNothing ? 'nothing would change' : '…'}
        />
      </tbody>
    </table>
  );
}

interface OutcomeRowProps {
  readonly title: string;
  readonly form: TensorForm | undefined;
  readonly count: number;
  /** Said where there is no form. */
  readonly words: string;
}

export function OutcomeRow({ title, form, count, words }: OutcomeRowProps) {
  return (
    <tr>
      <th scope="row">{title}</th>
      {form ? (
        <>
          <td className={s.types}>
            {form.dtypes.slice(0, 3).map((dtype) => (
              <Badge key={dtype} tone={toneOf(familyOf(dtype))}>
                {dtypeLabel(dtype)}
              </Badge>
            ))}
            {form.dtypes.length > 3 && ` +${form.dtypes.length - 3}`}
          </td>
          <td className="mono">{form.shape ? shapeText(form.shape) : plural(count, 'tensor')}</td>
          <td className={s.bytes}>{exactCount(form.bytes)} B</td>
        </>
      ) : (
        <td colSpan={3}>{words}</td>
      )}
    </tr>
  );
}

type Words = string | false | readonly string[];

export function Notes({ children }: { readonly children: Words | readonly Words[] }) {
  const notes = [children].flat().flatMap((words) => (words ? words : []));
  if (notes.length === 0) return null;
  return (
    <ul className={s.notes} aria-label="What to know">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

interface TiesProps {
  readonly tied: readonly string[];
  readonly untie: boolean;
  readonly onChange: (untie: boolean) => void;
}

/** Tensors that go with those that are chosen, unless a person takes them apart. */
export function Ties({ tied, untie, onChange }: TiesProps) {
  const [first] = tied;
  const others = tied.length === 1 ? '' : ` and ${tied.length - 1} more`;
  return (
    <div className={s.ties}>
      <p>
        <span className="mono">{first}</span>
        {others} {tied.length === 1 ? 'shares' : 'share'} this memory
        {untie
          ? ` and ${tied.length === 1 ? 'stays' : 'stay'} as ${tied.length === 1 ? 'it is' : 'they are'}.`
          : ` and ${tied.length === 1 ? 'changes' : 'change'} too.`}
      </p>
      <CheckBox checked={untie} onChange={onChange}>
        Untie: change only what is chosen
      </CheckBox>
    </div>
  );
}
