import {
  type KeyboardEvent,
  type PointerEvent,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
} from 'react';
import type { CellView } from './cell-source.ts';
import { rampPixels } from './colour-ramps.ts';
import { type ColourScale, levelOf } from './colour-scale.ts';
import s from './Heatmap.module.css';
import { pictureSize } from './picture-size.ts';
import { useDark } from './use-dark.ts';
import { useElementSize } from './use-element-size.ts';

/** Evenly spaced numbers of a sheet: number (i, j) is that of row i × rowStep, column j × columnStep. */
export interface Picture {
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
  readonly values: Float64Array;
}

export interface HeatmapHandle {
  /** Frames what the grid shows. */
  setFrame(view: CellView): void;
  /** Marks a place of the sheet; `says` what is drawn there too, as if it were pointed at. */
  setMark(place: Place | undefined, says: boolean): void;
}

export interface Place {
  readonly row: number;
  readonly column: number;
}

interface HeatmapProps {
  readonly ref?: Ref<HeatmapHandle>;
  readonly label: string;
  /** Of the whole sheet. */
  readonly rows: number;
  readonly columns: number;
  /** Cells there are; fewer than rows × columns where the last row is short. */
  readonly count: number;
  readonly picture: Picture | undefined;
  readonly scale: ColourScale;
  /** What is said of a drawn cell under the pointer. */
  readonly describe: (row: number, column: number, value: number) => string;
  /** Puts a place of the sheet in the middle of the grid. */
  readonly onMove?: (row: number, column: number) => void;
  /** Tells what is pointed at, so that pictures beside this one can mark it. */
  readonly onPoint?: (place: Place | undefined) => void;
}

/** A sheet as a picture. A frame marks what the grid shows; it is moved by pointer and by keys. */
export function Heatmap(props: HeatmapProps) {
  const { rows, columns, count, picture, scale } = props;
  const dark = useDark();
  const hintId = useId();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLElement>(null);
  const mark = useRef<HTMLElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const view = useRef<CellView>({ top: 0, left: 0, rows: 0, columns: 0 });
  const room = useElementSize(box);
  const size = pictureSize(rows, columns, room);

  useLayoutEffect(() => {
    if (!canvas.current) return;
    if (picture) draw(canvas.current, picture, count, columns, scale, dark);
    // What was drawn was another sheet.
    else canvas.current.width = 0;
  }, [picture, count, columns, scale, dark]);

  const placeFrame = () => {
    if (!frame.current) return;
    const { top, left, rows: high, columns: wide } = view.current;
    const percent = (share: number) => `${Math.min(100, share * 100)}%`;
    Object.assign(frame.current.style, {
      top: percent(top / rows),
      left: percent(left / columns),
      height: percent(Math.min(high, rows - top) / rows),
      width: percent(Math.min(wide, columns - left) / columns),
    });
    // A frame around everything says nothing.
    frame.current.hidden = high >= rows && wide >= columns;
  };
  useEffect(placeFrame);
  useImperativeHandle(props.ref, () => ({
    setFrame(next) {
      view.current = next;
      placeFrame();
    },
    setMark(place, says) {
      if (!mark.current) return;
      mark.current.hidden = !place;
      if (!place || !says) say('');
      if (!place) return;
      const centre = (at: number, count: number) => `${((at + 0.5) / count) * 100}%`;
      Object.assign(mark.current.style, { top: centre(place.row, rows), left: centre(place.column, columns) });
      if (says) describePlace(place);
    },
  }));

  const placeOf = (event: PointerEvent) => {
    const area = canvas.current?.getBoundingClientRect();
    if (!area || area.width === 0) return undefined;
    const share = (at: number, from: number, length: number) => Math.min(0.999999, Math.max(0, (at - from) / length));
    return {
      row: share(event.clientY, area.top, area.height) * rows,
      column: share(event.clientX, area.left, area.width) * columns,
    };
  };
  const say = (text: string) => {
    if (readout.current) readout.current.textContent = text;
  };
  /** Says the number that is drawn at a place. */
  const describePlace = (place: Place): void => {
    if (!picture) return;
    const row = Math.min(picture.rows - 1, Math.floor(place.row / picture.rowStep));
    const column = Math.min(picture.columns - 1, Math.floor(place.column / picture.columnStep));
    const at = { row: row * picture.rowStep, column: column * picture.columnStep };
    const isThere = at.row * columns + at.column < count;
    say(isThere ? props.describe(at.row, at.column, picture.values[row * picture.columns + column]!) : '');
  };
  const onPointerMove = (event: PointerEvent) => {
    const place = placeOf(event);
    if (!place) return;
    if (event.buttons === 1) props.onMove?.(place.row, place.column);
    props.onPoint?.({ row: Math.floor(place.row), column: Math.floor(place.column) });
    describePlace(place);
  };
  const onPointerLeave = () => {
    say('');
    props.onPoint?.(undefined);
  };
  const onPointerDown = (event: PointerEvent) => {
    const place = event.button === 0 ? placeOf(event) : undefined;
    if (!place) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    props.onMove?.(place.row, place.column);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { top, left, rows: high, columns: wide } = view.current;
    props.onMove?.(top + high * (0.5 + step[0]), left + wide * (0.5 + step[1]));
  };

  return (
    <div className={s.heatmap}>
      <div ref={box} className={s.box}>
        {/* biome-ignore lint/a11y/useSemanticElements: a group of one picture, no form fields */}
        <div
          role="group"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: its frame is moved by keys
          tabIndex={0}
          aria-label={props.label}
          aria-describedby={hintId}
          className={s.picture}
          style={size}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerLeave={onPointerLeave}
          onKeyDown={onKeyDown}
        >
          <canvas ref={canvas} />
          <i ref={frame} className={s.frame} aria-hidden="true" hidden />
          <i ref={mark} className={s.mark} aria-hidden="true" hidden />
          <span id={hintId} className="unseen">
            Arrow keys move the grid by a page
          </span>
        </div>
      </div>
      <p ref={readout} className={`mono ${s.readout}`} />
    </div>
  );
}

const KEYS: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** One pixel a number; the browser makes them as large as there is room. */
function draw(
  canvas: HTMLCanvasElement,
  { rows, columns, rowStep, columnStep, values }: Picture,
  count: number,
  sheetColumns: number,
  scale: ColourScale,
  dark: boolean,
): void {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = rampPixels(scale.ramp, dark);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      // What a short last row does not have stays clear.
      if (row * rowStep * sheetColumns + column * columnStep >= count) continue;
      pixels[at] = colours[levelOf(scale, values[at]!)]!;
    }
  }
  context.putImageData(image, 0, 0);
}
