import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from 'react';
import s from './DrawingPad.module.css';

interface DrawingPadProps {
  readonly label: string;
  /** Pixels of the picture. */
  readonly width: number;
  readonly height: number;
  /** From 0, the ground, to 1, row by row. */
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly onDraw: (pixels: Float32Array<ArrayBuffer>) => void;
}

/** Half the width of the brush, as a part of the picture's smaller side: as thick as a digit is written. */
const BRUSH = 0.075;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A picture that is drawn by pointer, or pixel by pixel by keys: arrows move, Space paints, Delete wipes. */
export function DrawingPad({ label, width, height, pixels, onDraw }: DrawingPadProps) {
  const hintId = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<readonly [number, number]>(undefined);
  const [place, setPlace] = useState<readonly [number, number]>();

  useEffect(() => {
    if (canvas.current) paint(canvas.current, pixels);
  }, [pixels]);

  const placeOf = (event: PointerEvent): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  };
  const stroke = (from: readonly [number, number], to: readonly [number, number]) =>
    onDraw(drawStroke(pixels, width, height, from, to));

  const onKeyDown = (event: KeyboardEvent) => {
    const [x, y] = place ?? [Math.floor(width / 2), Math.floor(height / 2)];
    const arrow = ARROWS[event.key];
    if (arrow)
      setPlace([Math.min(width - 1, Math.max(0, x + arrow[0])), Math.min(height - 1, Math.max(0, y + arrow[1]))]);
    else if (event.key === ' ') {
      const next = pixels.slice();
      next[y * width + x] = next[y * width + x]! > 0.5 ? 0 : 1;
      onDraw(next);
    } else if (event.key === 'Delete' || event.key === 'Backspace') onDraw(new Float32Array(width * height));
    else return;
    event.preventDefault();
  };

  return (
    <div
      className={s.pad}
      role="application"
      aria-label={label}
      aria-describedby={hintId}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is drawn on by keys
      tabIndex={0}
      style={{ aspectRatio: `${width} / ${height}` }}
      onKeyDown={onKeyDown}
      onFocus={(event) =>
        event.currentTarget.matches(':focus-visible') &&
        setPlace((known) => known ?? [Math.floor(width / 2), Math.floor(height / 2)])
      }
      onBlur={() => setPlace(undefined)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        last.current = placeOf(event);
        stroke(last.current, last.current);
      }}
      onPointerMove={(event) => {
        if (!last.current) return;
        const to = placeOf(event);
        stroke(last.current, to);
        last.current = to;
      }}
      onPointerUp={() => {
        last.current = undefined;
      }}
      onPointerCancel={() => {
        last.current = undefined;
      }}
    >
      <canvas ref={canvas} width={width} height={height} />
      {place && (
        <i
          className={s.place}
          style={{
            left: `${(place[0] / width) * 100}%`,
            top: `${(place[1] / height) * 100}%`,
            width: `${100 / width}%`,
            height: `${100 / height}%`,
          }}
        />
      )}
      <p id={hintId} className="unseen">
        Draw with the pointer. By keys: arrows move, Space paints a pixel, Delete wipes all.
      </p>
    </div>
  );
}

/** White on black, as the digits that such models learn from. */
function paint(canvas: HTMLCanvasElement, pixels: Float32Array): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < pixels.length; i++) {
    const level = Math.round(255 * Math.min(1, Math.max(0, pixels[i]!)));
    image.data.set([level, level, level, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/** A line of ink: a pixel takes as much as its middle is near, and never less than it has. */
export function drawStroke(
  pixels: Float32Array<ArrayBuffer>,
  width: number,
  height: number,
  from: readonly [number, number],
  to: readonly [number, number],
): Float32Array<ArrayBuffer> {
  const reach = Math.max(0.55, BRUSH * Math.min(width, height));
  const next = pixels.slice();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const away = distanceToLine(x + 0.5, y + 0.5, from, to);
      // Full ink within the brush, and half a pixel of a soft edge on either side.
      const ink = Math.min(1, Math.max(0, reach + 0.5 - away));
      const at = y * width + x;
      if (ink > next[at]!) next[at] = ink;
    }
  return next;
}

function distanceToLine(
  x: number,
  y: number,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - part * dx, y - y0 - part * dy);
}
