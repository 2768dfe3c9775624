import type { TensorValue } from '../../../src-core/index.ts';
import type { SideNames } from '../../state/pair-parts.ts';
import { exactCount, plural, shapeText } from '../../ui/format.ts';
import s from './diff.module.css';

interface ShapesDifferProps {
  readonly a: TensorValue;
  readonly b: TensorValue;
  readonly names: SideNames;
}

/** Why two tensors have no difference: axis by axis, what does not fit. */
export function ShapesDiffer({ a, b, names }: ShapesDifferProps) {
  const sizes = [a, b].map(({ shape }) => shape.reduce((product, dim) => product * dim, 1));
  const rank = Math.max(a.shape.length, b.shape.length);
  return (
    <div className={s.shapes}>
      <h2>The shapes differ, so there is no difference element by element</h2>
      <p>{explain(a.shape, b.shape, sizes[0]!, sizes[1]!, names)}</p>
      <table className={`numbers ${s.table}`}>
        <thead>
          <tr>
            <th scope="col">Axis</th>
            <th scope="col">{names[0]}</th>
            <th scope="col">{names[1]}</th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: rank }, (_, axis) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an axis is its place
            <tr key={axis} data-differs={a.shape[axis] !== b.shape[axis] || undefined}>
              <th scope="row">{axis}</th>
              <td>{dimText(a.shape[axis])}</td>
              <td>{dimText(b.shape[axis])}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Elements</th>
            <td>{exactCount(sizes[0]!)}</td>
            <td>{exactCount(sizes[1]!)}</td>
          </tr>
        </tbody>
      </table>
      <p className={s.note}>The Values and Statistics tabs show each side by itself.</p>
    </div>
  );
}

const dimText = (dim: number | undefined): string => (dim === undefined ? '—' : exactCount(dim));

function explain(
  a: readonly number[],
  b: readonly number[],
  sizeA: number,
  sizeB: number,
  [left, right]: SideNames,
): string {
  if (a.length !== b.length) {
    const same = sizeA === sizeB ? `, and both have ${plural(sizeA, 'element')}: one may be the other reshaped` : '';
    return `${left} has ${plural(a.length, 'axis', 'axes')}, ${right} has ${b.length}${same}.`;
  }
  const sorted = (shape: readonly number[]) => shape.toSorted((x, y) => x - y).join();
  if (sorted(a) === sorted(b)) return `${shapeText(a)} against ${shapeText(b)}: the same axes in another order.`;
  const odd = a.flatMap((dim, axis) => (dim === b[axis] ? [] : [axis]));
  if (odd.length > 1) return `Axes ${odd.join(', ')} differ.`;
  const axis = odd[0]!;
  const more = b[axis]! - a[axis]!;
  return `All axes agree but axis ${axis}: ${right} has ${exactCount(Math.abs(more))} ${more > 0 ? 'more' : 'fewer'} there.`;
}
