import { changeLoad, type LoadEnds, useLoad } from '../../state/load.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import s from './load.module.css';

const PRINT = 'print({k: (tuple(v.shape), v.dtype) for k, v in model.state_dict().items()})';
const EXAMPLE = "{'features.0.weight': ((24, 1, 3, 3), torch.float32), …}";

/** What a program printed, or a declaration. */
export function Pasted({ place }: { readonly place: keyof LoadEnds }) {
  const text = useLoad((state) => state.text);
  const what = place === 'target' ? 'What it is loaded into' : 'What is loaded';
  return (
    <div className={s.pasted}>
      <label className={s.field}>
        {what}, as text
        <textarea
          className="mono"
          rows={5}
          value={text}
          placeholder={EXAMPLE}
          spellCheck={false}
          onChange={(event) => changeLoad({ text: event.target.value })}
        />
      </label>
      <p className={s.soft}>
        What <code>print(model.state_dict())</code> or Caten prints, lines of a key and a shape, or a declared module as
        JSON. It stays on this page.
      </p>
      <p className={s.command}>
        <code>{PRINT}</code>
        <CopyButton text={PRINT} label="Copy the command" />
      </p>
    </div>
  );
}
