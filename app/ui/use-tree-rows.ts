import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef } from 'react';
import { parentIndex, treeAct } from './tree-keys.ts';
import { useRowWindow } from './use-row-window.ts';

/** Dense for a pointer that hits a pixel, roomy for a finger. */
export const ROW_HEIGHT = globalThis.matchMedia?.('(pointer: coarse)').matches ? 36 : 26;
export const HEAD_HEIGHT = 28;

/** Rows in order. Ids are numbers, so that half a million of them cost no objects. */
export interface TreeModel {
  readonly ids: ArrayLike<number>;
  /** 1-based. */
  readonly levels: ArrayLike<number>;
  position(index: number): number;
  setSize(index: number): number;
  isExpandable(id: number): boolean;
  isExpanded(id: number): boolean;
}

/** What rows of a tree do, however they are drawn. */
export interface TreeRowsProps {
  readonly model: TreeModel;
  /** Row id the keyboard stands on, and its index; -1 when it is not among the rows. */
  readonly cursor: number;
  readonly cursorIndex: number;
  readonly onMove: (id: number) => void;
  /** Clicked, or Enter: bring it forward. */
  readonly onOpen: (id: number) => void;
  readonly onExpand: (id: number, expanded: boolean) => void;
  readonly onExpandSiblings: (id: number) => void;
  /** Row index of the next label that begins with `typed`, from `from` on; -1 when there is none. */
  readonly findTyped: (typed: string, from: number) => number;
  /** Tells which places come into view, so that what is in their columns can be fetched. */
  readonly onWindow?: (start: number, end: number) => void;
}

/** Letters typed within this time belong together. */
const TYPE_AHEAD_MS = 700;

/** The rows in view, and the keys and clicks that a tree grid answers. */
export function useTreeRows(props: TreeRowsProps) {
  const { model, cursor, cursorIndex, onWindow } = props;
  const count = model.ids.length;
  const window = useRowWindow(count, ROW_HEIGHT, HEAD_HEIGHT);
  const gridId = useId();
  const typed = useRef({ text: '', at: 0 });
  const { show, start, end } = window;

  useEffect(() => onWindow?.(start, end), [onWindow, start, end]);

  // Only a new cursor scrolls; opening a row above it must not.
  const indexRef = useRef(cursorIndex);
  indexRef.current = cursorIndex;
  const byKey = useRef(false);
  useEffect(() => {
    if (indexRef.current >= 0 && cursor > 0) show(indexRef.current, byKey.current ? 'nearest' : 'centre');
    byKey.current = false;
  }, [cursor, show]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const id = cursorIndex >= 0 ? model.ids[cursorIndex]! : -1;
    const act = treeAct(event, {
      index: cursorIndex,
      count,
      page: window.page,
      expandable: id >= 0 && model.isExpandable(id),
      expanded: id >= 0 && model.isExpanded(id),
      parent: () => parentIndex(model.levels, cursorIndex),
    });
    if (!act) return;
    event.preventDefault();
    const moveTo = (index: number) => {
      byKey.current = true;
      props.onMove(model.ids[index]!);
    };
    switch (act.act) {
      case 'move':
        return moveTo(act.to);
      case 'expand':
        return props.onExpand(id, act.open);
      case 'expand-siblings':
        return props.onExpandSiblings(id);
      case 'open':
        return props.onOpen(id);
      case 'type': {
        const now = Date.now();
        const again = now - typed.current.at < TYPE_AHEAD_MS;
        const text = again ? typed.current.text + act.letter : act.letter;
        typed.current = { text, at: now };
        // A first letter goes on to the next row; more letters may stay on this one.
        const found = props.findTyped(text, Math.max(0, cursorIndex) + (again ? 0 : 1));
        if (found >= 0) moveTo(found);
      }
    }
  };

  const onClick = (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    if (!row) return;
    const id = model.ids[Number(row.dataset.index)]!;
    const onTwisty = (event.target as Element).closest('[data-twisty]') !== null;
    byKey.current = true;
    if (onTwisty && model.isExpandable(id)) return props.onExpand(id, !model.isExpanded(id));
    props.onOpen(id);
  };
  const onDoubleClick = (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    if (!row || (event.target as Element).closest('[data-twisty]')) return;
    const id = model.ids[Number(row.dataset.index)]!;
    if (model.isExpandable(id)) props.onExpand(id, !model.isExpanded(id));
  };

  const indexes: number[] = [];
  for (let i = window.start; i < window.end; i++) indexes.push(i);
  // The row that aria-activedescendant names must exist even when it is scrolled away.
  const away = cursorIndex >= 0 && (cursorIndex < window.start || cursorIndex >= window.end);
  if (away) indexes.push(cursorIndex);

  const slotOf = (index: number) => (index === cursorIndex && away ? 'cursor' : index % window.slots);
  return { window, count, gridId, indexes, slotOf, onKeyDown, onClick, onDoubleClick };
}
