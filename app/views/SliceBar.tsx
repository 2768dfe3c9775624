import { type FormEvent, useId, useMemo, useState } from 'react';
import { type EntryId, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId } from '../state/engine.ts';
import { type Shown, setAxes, setAxis, setPosition, shownText, showSlice } from '../state/shown-slice.ts';
import { chooseSlice } from '../state/values.ts';
import { IconButton } from '../ui/Button.tsx';
import { ArrowLeftRight } from '../ui/icons.ts';
import s from './slice-bar.module.css';

interface SliceBarProps {
  readonly document: DocumentId;
  readonly entry: EntryId;
  readonly shape: readonly number[];
  readonly shown: Shown;
}

/** Which part of the tensor is shown: as NumPy writes it, by axis, and by position. */
export function SliceBar({ document, entry, shape, shown }: SliceBarProps) {
  const choose = (next: Shown) => chooseSlice(document, entry, shape, next);
  const { rows, columns } = shown;
  // An axis of one position has no other to go to.
  const fixed = shown.slice.flatMap((item, axis) =>
    item.kind === 'index' && (shape[axis] ?? 0) > 1 ? [{ axis, at: item.at }] : [],
  );
  return (
    <div className={s.bar}>
      <SliceBox shape={shape} shown={shown} onChoose={choose} />
      {rows !== undefined && columns !== undefined && (
        <span className={s.axes}>
          {shape.length > 2 && (
            <>
              <AxisChoice
                label="Rows"
                axis={rows}
                shape={shape}
                onChoose={(axis) => choose(setAxis(shown, shape, 'rows', axis))}
              />
              <AxisChoice
                label="Columns"
                axis={columns}
                shape={shape}
                onChoose={(axis) => choose(setAxis(shown, shape, 'columns', axis))}
              />
            </>
          )}
          <IconButton
            label="Swap rows and columns"
            onClick={() => choose(setAxes(shown, shape, columns, rows))}
            aria-pressed={rows > columns}
          >
            <ArrowLeftRight size={14} aria-hidden="true" />
          </IconButton>
        </span>
      )}
      {fixed.length > 0 && (
        <div className={s.sliders}>
          {fixed.map(({ axis, at }) => (
            <AxisSlider
              key={axis}
              axis={axis}
              at={at}
              count={shape[axis] ?? 0}
              onChange={(next) => choose(setPosition(shown, axis, next))}
            />
          ))}
        </div>
      )}
    </div>
  );
}

interface Wrong {
  readonly detail: string;
  readonly at: number;
}

function check(text: string, shape: readonly number[]): Wrong | undefined {
  try {
    showSlice(text, shape);
    return undefined;
  } catch (error) {
    const info = toErrorInfo(error);
    if (info.kind !== 'bad-input') throw error;
    return { detail: info.detail, at: info.at ?? 0 };
  }
}

/** Enter, or leaving the box, shows what is written; Escape takes back what was. What is wrong is marked while one types. */
function SliceBox({
  shape,
  shown,
  onChoose,
}: {
  readonly shape: readonly number[];
  readonly shown: Shown;
  readonly onChoose: (shown: Shown) => void;
}) {
  const id = useId();
  const text = shownText(shown, shape);
  const [draft, setDraft] = useState<{ readonly of: Shown; readonly text: string }>();
  const written = draft?.of === shown ? draft.text : text;
  const wrong = useMemo(() => check(written, shape), [written, shape]);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (written !== text && !wrong) onChoose(showSlice(written, shape));
    if (!wrong) setDraft(undefined);
  };
  return (
    <form className={s.box} data-bad={wrong ? true : undefined} onSubmit={submit}>
      <label htmlFor={id}>Slice</label>
      <input
        id={id}
        className="mono"
        value={written}
        title="As NumPy writes it: 0, :, 2:5, ::4, -1, ..."
        aria-invalid={wrong !== undefined}
        aria-describedby={`${id}-wrong`}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setDraft({ of: shown, text: event.target.value })}
        onBlur={() => submit()}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && draft) {
            event.stopPropagation();
            setDraft(undefined);
          }
        }}
      />
      <span className={s.of}>
        of <span className="mono">{shape.length === 0 ? 'scalar' : shape.join(' × ')}</span>
      </span>
      <span id={`${id}-wrong`} className={s.wrong} aria-live="polite">
        {wrong && (
          <>
            <span className={`mono ${s.where}`} aria-hidden="true">
              {written.slice(0, wrong.at)}
              <mark>{written.slice(wrong.at) || ' '}</mark>
            </span>
            {wrong.detail}
          </>
        )}
      </span>
    </form>
  );
}

function AxisChoice({
  label,
  axis,
  shape,
  onChoose,
}: {
  readonly label: string;
  readonly axis: number;
  readonly shape: readonly number[];
  readonly onChoose: (axis: number) => void;
}) {
  return (
    <label className={s.choice}>
      {label}
      <select value={axis} onChange={(event) => onChoose(Number(event.target.value))}>
        {shape.map((count, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an axis is its place
          <option key={i} value={i}>
            axis {i} ({count})
          </option>
        ))}
      </select>
    </label>
  );
}

function AxisSlider({
  axis,
  at,
  count,
  onChange,
}: {
  readonly axis: number;
  readonly at: number;
  readonly count: number;
  readonly onChange: (at: number) => void;
}) {
  const id = useId();
  const last = count - 1;
  return (
    <div className={s.slider}>
      <label htmlFor={id}>axis {axis}</label>
      <input
        type="range"
        aria-label={`Position on axis ${axis}`}
        min={0}
        max={last}
        value={at}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <input
        id={id}
        type="number"
        className="mono"
        min={0}
        max={last}
        value={at}
        style={{ width: `${String(last).length + 3.5}ch` }}
        onChange={(event) => {
          const next = event.target.valueAsNumber;
          if (Number.isInteger(next) && next >= 0 && next <= last) onChange(next);
        }}
      />
      <span className={s.of}>of {count}</span>
    </div>
  );
}
