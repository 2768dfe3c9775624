import { type FormEvent, type RefObject, useEffect, useState, useSyncExternalStore } from 'react';
import { dtypeLabel, parseSlice, toErrorInfo } from '../../../src-core/index.ts';
import { setBlock } from '../../state/cell-edits.ts';
import { readElementBits } from '../../state/element-bits.ts';
import type { EntryDetail } from '../../state/engine.ts';
import { cellOfIndex, indexOfCell, type Shown, setPosition } from '../../state/shown-slice.ts';
import { isComplex, type ShownPart, type ValueTiles } from '../../state/value-tiles.ts';
import { chooseSlice } from '../../state/values.ts';
import { IconButton } from '../../ui/Button.tsx';
import { type CellBlock, cornersOf } from '../../ui/cell-source.ts';
import { exactCount } from '../../ui/format.ts';
import { Copy } from '../../ui/icons.ts';
import { exactWord } from '../../ui/number-format.ts';
import type { NumberSource } from '../number-source.ts';
import { copyBlock } from './copy-block.ts';
import s from './values.module.css';

interface CellBarProps {
  readonly detail: EntryDetail;
  readonly part: ShownPart;
  readonly tiles: ValueTiles;
  readonly source: NumberSource;
  readonly selected: CellBlock | undefined;
  readonly onGo: (row: number, column: number) => void;
  /** Where a number is typed. */
  readonly box: RefObject<HTMLInputElement | null>;
  /** Typing is over: the numbers have the keyboard again. */
  readonly onLeave: (moved: boolean) => void;
}

/** The number the keyboard stands on, in full: where it is, what it is, how it is stored. */
export function CellBar({ detail, part, tiles, source, selected, onGo, box, onLeave }: CellBarProps) {
  const { tensor, shown } = part;
  const read = () => {
    const value = selected && tiles.valueAt(selected.row, selected.column);
    return value === undefined ? '' : exactWord(value, source.kind());
  };
  const text = useSyncExternalStore(tiles.subscribe, read);
  const index = selected && indexOfCell(shown, selected.row, selected.column);
  const isMade = tensor !== detail.entry.value;
  const bits = useElementBits(detail, part, isMade ? undefined : index);
  const block = selected && cornersOf(selected);
  // What quantised numbers and codes stand for is not what is stored, and complex numbers are two.
  const isEditable = !isMade && !tensor.quant && !isComplex(tensor.dtype);
  const cells = block ? (block.rows.to - block.rows.from) * (block.columns.to - block.columns.from) : 0;
  return (
    <div className={s.cellBar}>
      <IndexBox part={part} index={index} onGo={onGo} />
      <ValueBox
        box={box}
        text={text}
        at={index?.join()}
        disabled={!selected || !isEditable}
        onSet={(typed) => block && void setBlock(part, detail.entry.key, block, typed)}
        onLeave={onLeave}
      />
      <span className={`mono ${s.bits}`} title="As stored, most significant first">
        {bits}
      </span>
      <span className={s.type}>{dtypeLabel(tensor.dtype)}</span>
      <IconButton
        label={cells > 1 ? `Copy ${exactCount(cells)} numbers` : 'Copy the number'}
        title="Copy, with tabs between (Ctrl-C)"
        disabled={!selected}
        onClick={() => selected && void copyBlock(part, selected, source.kind())}
      >
        <Copy size={13} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

interface ValueBoxProps {
  readonly box: RefObject<HTMLInputElement | null>;
  readonly text: string;
  /** The place that is selected: a draft is of one place. */
  readonly at: string | undefined;
  readonly disabled: boolean;
  readonly onSet: (text: string) => void;
  readonly onLeave: (moved: boolean) => void;
}

/** The number in full. Another is typed over it: Enter sets it, in all cells that are selected, Escape does not. */
function ValueBox({ box, text, at, disabled, onSet, onLeave }: ValueBoxProps) {
  const [draft, setDraft] = useState<{ readonly at: string | undefined; readonly text: string }>();
  const now = draft?.at === at ? draft : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (now && now.text.trim() !== '') onSet(now.text);
    setDraft(undefined);
    onLeave(true);
  };
  return (
    <form className={s.valueBox} onSubmit={submit}>
      <input
        ref={box}
        className={`mono ${s.exact}`}
        aria-label="Value"
        value={now?.text ?? text}
        disabled={disabled}
        spellCheck={false}
        autoComplete="off"
        title={disabled ? undefined : 'Type another number and press Enter'}
        onChange={(event) => setDraft({ at, text: event.target.value })}
        onFocus={(event) => event.target.select()}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          setDraft(undefined);
          onLeave(false);
        }}
        onBlur={() => setDraft(undefined)}
      />
    </form>
  );
}

function useElementBits(detail: EntryDetail, { document, tensor }: ShownPart, index: readonly number[] | undefined) {
  const [bits, setBits] = useState('');
  const key = index?.join(',');
  useEffect(() => {
    if (key === undefined) return setBits('');
    const controller = new AbortController();
    const at = key === '' ? [] : key.split(',').map(Number);
    const endian = detail.storage?.endian ?? 'little';
    readElementBits(document, detail.entry.id, tensor, endian, at, controller.signal).then(setBits, () => setBits(''));
    return () => controller.abort();
  }, [document, detail, tensor, key]);
  return bits;
}

/** Where the keyboard stands; another place is gone to by writing it. */
function IndexBox({
  part,
  index,
  onGo,
}: Pick<CellBarProps, 'part' | 'onGo'> & { readonly index: readonly number[] | undefined }) {
  const { document, entry, tensor, shown } = part;
  const text = index?.join(', ') ?? '';
  const [draft, setDraft] = useState<{ readonly of: string; readonly text: string; readonly wrong?: string }>();
  const now = draft?.of === text ? draft : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!now) return;
    try {
      const at = readIndex(now.text, tensor.shape, shown);
      const moved = shown.slice.reduce<Shown>(
        (next, item, axis) =>
          item.kind === 'index' && item.at !== at[axis] ? setPosition(next, axis, at[axis]!) : next,
        shown,
      );
      const cell = cellOfIndex(moved, at);
      if (!cell) return setDraft({ ...now, wrong: 'not in the slice that is shown' });
      if (moved !== shown) chooseSlice(document, entry, tensor.shape, moved);
      setDraft(undefined);
      onGo(cell.row, cell.column);
    } catch (error) {
      const info = toErrorInfo(error);
      setDraft({ ...now, wrong: info.kind === 'bad-input' ? info.detail : 'no such place' });
    }
  };
  return (
    <form className={s.indexBox} onSubmit={submit} data-bad={now?.wrong ? true : undefined}>
      <input
        className="mono"
        aria-label="Go to index"
        aria-invalid={now?.wrong !== undefined}
        placeholder="Go to index"
        title="Write an index and press Enter: 12, 407"
        value={now?.text ?? text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setDraft({ of: text, text: event.target.value })}
        onFocus={(event) => event.target.select()}
        onBlur={() => setDraft(undefined)}
      />
      {now?.wrong && (
        <span className={s.wrong} role="alert">
          {now.wrong}
        </span>
      )}
    </form>
  );
}

/** An index of all axes, or of the axes that are shown. Negative positions count from the end. */
function readIndex(text: string, shape: readonly number[], shown: Shown): number[] {
  const parts = text.replace(/^\s*\[|\]\s*$/g, '').split(',');
  const running = [shown.rows, shown.columns].filter((axis) => axis !== undefined).sort((a, b) => a - b);
  const axes = parts.length === shape.length ? shape.map((_, axis) => axis) : running;
  const items = parseSlice(
    parts.join(','),
    axes.map((axis) => shape[axis]!),
  );
  return shape.map((_, axis) => {
    const item = items[axes.indexOf(axis)];
    const fixed = shown.slice[axis];
    if (item) return item.kind === 'index' ? item.at : item.start;
    return fixed?.kind === 'index' ? fixed.at : 0;
  });
}
