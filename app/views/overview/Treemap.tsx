import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import { dtypeLabel, familyOf, type ModuleTree } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { ancestry, labelOf } from '../../state/tree-labels.ts';
import { goTo } from '../../state/workspace.ts';
import { toneOf } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CheckBox } from '../../ui/CheckBox.tsx';
import { bytesText, percentText, plural, shortCount } from '../../ui/format.ts';
import { Segments } from '../../ui/Segments.tsx';
import { useElementSize } from '../../ui/use-element-size.ts';
import s from './treemap.module.css';
import { moveInMap } from './treemap-keys.ts';
import { layoutTreemap, type Tile } from './treemap-layout.ts';

const HEIGHT = 280;

/** Where the parameters or bytes of a document are: modules as areas, nested as they are, coloured by dtype. */
export function Treemap({ document }: { readonly document: OpenedDocument }) {
  const { tree } = document;
  const [by, setBy] = useState<'params' | 'bytes'>('bytes');
  const [fold, setFold] = useState(true);
  const [root, setRoot] = useState(0);
  const [at, setAt] = useState<number | null>(null);
  const map = useRef<HTMLDivElement>(null);
  const { width } = useElementSize(map);
  const id = useId();
  const tiles = useMemo(
    () => (width > 0 ? layoutTreemap(tree, root, { by, fold, width, height: HEIGHT }) : []),
    [tree, root, by, fold, width],
  );
  const cursor = at !== null && at < tiles.length ? at : null;
  const hasRuns = useMemo(() => tree.repeat.some((times) => times > 1), [tree]);

  const zoom = (node: number) => {
    setRoot(node);
    setAt(null);
  };
  const canZoom = (tile: Tile) => tile.others === 0 && tree.end[tile.node]! > tile.node + 1;
  const onKeyDown = (event: KeyboardEvent) => {
    const tile = cursor === null ? undefined : tiles[cursor];
    const next = moveInMap(event.key, tiles, cursor);
    if (next !== undefined) setAt(next);
    else if (event.key === 'Enter' && tile) {
      if (canZoom(tile)) zoom(tile.node);
      else goTo(document.id, tile.node);
    } else if (event.key === ' ' && tile) goTo(document.id, tile.node);
    else if ((event.key === 'Escape' || event.key === 'Backspace') && root > 0) zoom(tree.parent[root]!);
    else return;
    event.preventDefault();
  };
  const tileAt = (target: EventTarget): number | null => {
    const index = (target as Element).closest<HTMLElement>('[data-tile]')?.dataset.tile;
    return index === undefined ? null : Number(index);
  };

  return (
    <Card title="Where it is" aside={describe(tree, root, by, cursor === null ? undefined : tiles[cursor])} wide>
      <div className={s.tools}>
        {tree.params[0]! > 0 && (
          <Segments
            label="Areas by"
            value={by}
            options={[
              ['bytes', 'Bytes'],
              ['params', 'Parameters'],
            ]}
            onChange={setBy}
          />
        )}
        {hasRuns && (
          <CheckBox checked={fold} onChange={setFold}>
            Fold repeated blocks
          </CheckBox>
        )}
        <Breadcrumb document={document} root={root} onZoom={zoom} />
      </div>
      <div
        ref={map}
        role="listbox"
        tabIndex={0}
        aria-label={`Treemap by ${by === 'bytes' ? 'bytes' : 'parameters'}`}
        aria-activedescendant={cursor === null ? undefined : `${id}-${cursor}`}
        className={s.map}
        style={{ height: HEIGHT }}
        onKeyDown={onKeyDown}
        onFocus={() => at === null && tiles.length > 0 && map.current?.matches(':focus-visible') && setAt(0)}
        onPointerMove={(event) => setAt(tileAt(event.target))}
        onPointerLeave={() => setAt(null)}
        onClick={(event) => {
          const index = tileAt(event.target);
          if (index !== null) goTo(document.id, tiles[index]!.node);
        }}
        onDoubleClick={(event) => {
          const index = tileAt(event.target);
          const tile = index === null ? undefined : tiles[index];
          if (tile && canZoom(tile)) zoom(tile.node);
        }}
      >
        {tiles.map((tile, index) => (
          <TileBox
            key={`${tile.node} ${tile.others}`}
            id={`${id}-${index}`}
            index={index}
            tile={tile}
            tree={tree}
            isCursor={index === cursor}
            label={describe(tree, root, by, tile)}
          />
        ))}
      </div>
    </Card>
  );
}

interface TileBoxProps {
  readonly id: string;
  readonly index: number;
  readonly tile: Tile;
  readonly tree: ModuleTree;
  readonly isCursor: boolean;
  readonly label: string;
}

/** Names are written where a few letters of them fit. */
const NAME_WIDTH = 34;
const NAME_LINE = 15;

function TileBox({ id, index, tile, tree, isCursor, label }: TileBoxProps) {
  const { x, y, width, height } = tile;
  const hasName = width >= NAME_WIDTH && height >= NAME_LINE;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: focus stays on the map, which names its active tile
    <div
      id={id}
      role="option"
      aria-selected={isCursor}
      aria-label={label}
      data-tile={index}
      data-tone={toneOfTile(tree, tile)}
      data-open={tile.isOpen || undefined}
      className={s.tile}
      style={{ left: x, top: y, width: Math.max(0, width - 2), height: Math.max(0, height - 2) }}
    >
      {hasName && <span>{nameOf(tree, tile)}</span>}
    </div>
  );
}

const nameOf = (tree: ModuleTree, { node, times, others }: Tile): string => {
  if (others > 0) return `${plural(others, 'entry', 'entries')}`;
  const label = labelOf(tree, node) || '(empty)';
  return times > 1 ? `${label} ×${times}` : label;
};

/** A module of several dtypes has no colour of its own. */
function toneOfTile(tree: ModuleTree, { node, others, isOpen }: Tile): string {
  const dtype = tree.dtypes[tree.dtype[node]! - 1];
  return others > 0 || isOpen || dtype === undefined ? 'plain' : toneOf(familyOf(dtype));
}

function describe(tree: ModuleTree, root: number, by: 'params' | 'bytes', tile: Tile | undefined): string {
  const write = by === 'bytes' ? bytesText : (count: number) => `${shortCount(count)} parameters`;
  const total = tree[by][root]!;
  if (!tile) return write(total);
  const path = ancestry(tree, tile.node).map((node) => labelOf(tree, node) || '(empty)');
  const dtype = tree.dtypes[tree.dtype[tile.node]! - 1];
  const what =
    tile.others > 0
      ? `${plural(tile.others, 'entry', 'entries')} too small to be drawn in ${path.join('.') || 'all'}`
      : `${path.join('.')}${tile.times > 1 ? ` ×${tile.times}` : ''}`;
  const type = tile.others === 0 && dtype ? `, ${dtypeLabel(dtype)}` : '';
  return `${what}: ${write(tile.amount)}, ${percentText(tile.amount / Math.max(1, total))}${type}`;
}

interface BreadcrumbProps {
  readonly document: OpenedDocument;
  readonly root: number;
  readonly onZoom: (node: number) => void;
}

function Breadcrumb({ document, root, onZoom }: BreadcrumbProps) {
  if (root === 0) return <span className={s.advice}>Click goes there, double click zooms</span>;
  const path = ancestry(document.tree, root);
  return (
    <nav aria-label="Place in the treemap" className={s.path}>
      <Button look="link" onClick={() => onZoom(0)}>
        {document.name}
      </Button>
      {path.map((node) => (
        <span key={node}>
          {' › '}
          {node === root ? (
            <b aria-current="location">{labelOf(document.tree, node)}</b>
          ) : (
            <Button look="link" onClick={() => onZoom(node)}>
              {labelOf(document.tree, node)}
            </Button>
          )}
        </span>
      ))}
    </nav>
  );
}
