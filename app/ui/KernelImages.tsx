import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type CellPlace, cellAfterKey } from './cell-keys.ts';
import type { CellRange } from './cell-source.ts';
import { rampPixels } from './colour-ramps.ts';
import { type ColourScale, levelOf } from './colour-scale.ts';
import s from './KernelImages.module.css';
import { useCellWindow } from './use-cell-window.ts';
import { useDark } from './use-dark.ts';

export interface ImageSource {
  readonly rows: number;
  readonly columns: number;
  readonly height: number;
  readonly width: number;
  /** Height × width numbers; undefined while they are not here. */
  imageAt(row: number, column: number): Float64Array | undefined;
  want(rows: CellRange, columns: CellRange): void;
  subscribe(listener: () => void): () => void;
}

interface KernelImagesProps {
  readonly label: string;
  readonly source: ImageSource;
  readonly scale: ColourScale;
  /** What is said of an image, or of one of its numbers. */
  readonly describe: (row: number, column: number, y?: number, x?: number, value?: number) => string;
  /** Enter, or a double click. */
  readonly onOpen: (row: number, column: number) => void;
}

const GAP = 4;
const HEAD = 40;
/** Pixels a side that an image is drawn at, where its numbers allow. */
const WISHED_SIDE = 40;
const MOST_PIXEL = 12;

/** Many small images with one scale, of which those on screen are drawn. */
export function KernelImages({ label, source, scale, describe, onOpen }: KernelImagesProps) {
  const { rows, columns, height, width } = source;
  const dark = useDark();
  const canvas = useRef<HTMLCanvasElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const [at, setAt] = useState<CellPlace>();
  const pixel = Math.min(MOST_PIXEL, Math.max(1, Math.floor(WISHED_SIDE / Math.max(height, width))));
  const [high, wide] = [height * pixel + GAP, width * pixel + GAP];
  const paint = () => {
    if (canvas.current) {
      drawImages(canvas.current, {
        ...{ source, scale, dark, pixel, high, wide, selected: at },
        ...{ offset: window.offset(), width: window.width, height: window.height },
      });
    }
  };
  const painter = useRef(paint);
  painter.current = paint;
  const window = useCellWindow(
    { rows, columns, rowHeight: high, columnWidth: wide, headHeight: HEAD / 2, headWidth: HEAD },
    () => painter.current(),
  );
  useLayoutEffect(() => painter.current());
  useEffect(() => source.subscribe(() => painter.current()), [source]);

  const say = (text: string) => {
    if (readout.current) readout.current.textContent = text;
  };
  const select = (place: CellPlace) => {
    setAt(place);
    window.show(place.row, place.column);
    say(describe(place.row, place.column));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && at) return onOpen(at.row, at.column);
    const pageRows = Math.max(1, Math.floor((window.height - HEAD / 2) / high));
    const pageColumns = Math.max(1, Math.floor((window.width - HEAD) / wide));
    const next = cellAfterKey(event, at ?? { row: 0, column: 0 }, { rows, columns, pageRows, pageColumns });
    if (!next) return;
    event.preventDefault();
    select(at ? next : { row: 0, column: 0 });
  };
  const placeOf = (event: PointerEvent | React.MouseEvent) => {
    const box = window.scroller.current?.getBoundingClientRect();
    if (!box) return undefined;
    const { x, y } = window.offset();
    const [left, top] = [event.clientX - box.left - HEAD + x, event.clientY - box.top - HEAD / 2 + y];
    const place = { row: Math.floor(top / high), column: Math.floor(left / wide) };
    if (left < x || top < y || place.row >= rows || place.column >= columns) return undefined;
    return { ...place, y: Math.floor((top % high) / pixel), x: Math.floor((left % wide) / pixel) };
  };
  const onPointerMove = (event: PointerEvent) => {
    const place = placeOf(event);
    if (!place || place.y >= height || place.x >= width) return say(at ? describe(at.row, at.column) : '');
    const value = source.imageAt(place.row, place.column)?.[place.y * width + place.x];
    say(describe(place.row, place.column, place.y, place.x, value));
  };

  return (
    <div className={s.images}>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of pictures, no form fields */}
      <div
        ref={window.scroller}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled and chosen from by keys
        tabIndex={0}
        aria-label={label}
        className={s.scroller}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerDown={(event) => {
          const place = event.button === 0 ? placeOf(event) : undefined;
          if (place) select(place);
        }}
        onDoubleClick={(event) => {
          const place = placeOf(event);
          if (place) onOpen(place.row, place.column);
        }}
      >
        <div style={{ width: window.trackWidth, height: window.trackHeight }}>
          <canvas ref={canvas} className={s.canvas} />
        </div>
      </div>
      <p ref={readout} className={`mono ${s.readout}`} aria-live="polite" />
    </div>
  );
}

interface DrawOptions {
  readonly source: ImageSource;
  readonly scale: ColourScale;
  readonly dark: boolean;
  readonly pixel: number;
  readonly high: number;
  readonly wide: number;
  readonly selected: CellPlace | undefined;
  readonly offset: { readonly x: number; readonly y: number };
  readonly width: number;
  readonly height: number;
}

function drawImages(canvas: HTMLCanvasElement, options: DrawOptions): void {
  const { source, pixel, high, wide, offset, width, height, selected } = options;
  if (width === 0 || height === 0) return;
  const ratio = devicePixelRatio;
  Object.assign(canvas, { width: width * ratio, height: height * ratio });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = canvas.getContext('2d');
  if (!context) return;
  const rows = { from: Math.floor(offset.y / high), to: Math.min(source.rows, Math.ceil((offset.y + height) / high)) };
  const columns = {
    from: Math.floor(offset.x / wide),
    to: Math.min(source.columns, Math.ceil((offset.x + width) / wide)),
  };
  source.want(rows, columns);
  const style = getComputedStyle(canvas);
  const [ink, ground, accent] = ['--faint', '--line', '--accent'].map((name) => style.getPropertyValue(name));
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  context.font = `11px ${style.fontFamily}`;
  context.fillStyle = ink!;
  context.textBaseline = 'middle';
  const left = (column: number) => HEAD + column * wide - offset.x;
  const top = (row: number) => HEAD / 2 + row * high - offset.y;
  const [imageWidth, imageHeight] = [source.width * pixel, source.height * pixel];
  // Titles thin out where images are narrower than their numbers.
  const every = (size: number, room: number) => Math.max(1, Math.ceil(room / size));
  const [everyColumn, everyRow] = [every(wide, 26), every(high, 14)];
  context.textAlign = 'center';
  for (let column = columns.from; column < columns.to; column++)
    if (column % everyColumn === 0 && left(column) >= HEAD - wide / 2)
      context.fillText(String(column), left(column) + imageWidth / 2, HEAD / 4 + 1);
  context.textAlign = 'right';
  for (let row = rows.from; row < rows.to; row++)
    if (row % everyRow === 0 && top(row) >= HEAD / 2 - high / 2)
      context.fillText(String(row), HEAD - 8, top(row) + imageHeight / 2);
  context.beginPath();
  context.rect(HEAD - 2, HEAD / 2 - 2, width, height);
  context.clip();
  const paper = new OffscreenCanvas(source.width, source.height);
  const paperContext = paper.getContext('2d')!;
  const image = paperContext.createImageData(source.width, source.height);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = rampPixels(options.scale.ramp, options.dark);
  for (let row = rows.from; row < rows.to; row++) {
    for (let column = columns.from; column < columns.to; column++) {
      const values = source.imageAt(row, column);
      if (values) {
        for (let i = 0; i < pixels.length; i++) pixels[i] = colours[levelOf(options.scale, values[i]!)]!;
        paperContext.putImageData(image, 0, 0);
        context.drawImage(paper, left(column), top(row), imageWidth, imageHeight);
      } else {
        context.fillStyle = ground!;
        context.fillRect(left(column), top(row), imageWidth, imageHeight);
      }
    }
  }
  if (selected) {
    context.strokeStyle = accent!;
    context.lineWidth = 2;
    context.strokeRect(left(selected.column) - 2, top(selected.row) - 2, imageWidth + 4, imageHeight + 4);
  }
}
