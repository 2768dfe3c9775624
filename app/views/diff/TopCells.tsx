import type { TensorComparison } from '../../../src-core/index.ts';
import type { SideNames } from '../../state/pair-parts.ts';
import { Button } from '../../ui/Button.tsx';
import { valueText } from '../../ui/chart-scale.ts';
import s from './diff.module.css';

interface TopCellsProps {
  readonly cells: TensorComparison['top'];
  /** Where each of them is. */
  readonly indices: readonly (readonly number[])[];
  readonly names: SideNames;
  readonly onGo: (index: readonly number[]) => void;
}

/** The cells that differ most; each leads to its place. */
export function TopCells({ cells, indices, names, onGo }: TopCellsProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className={s.scroll} tabIndex={0} aria-label="Most changed cells">
      <table className={`numbers ${s.table}`}>
        <thead>
          <tr>
            <th scope="col">Index</th>
            <th scope="col">{names[0]}</th>
            <th scope="col">{names[1]}</th>
            <th scope="col">Δ</th>
          </tr>
        </thead>
        <tbody>
          {cells.map(({ at, a, b, delta }, i) => (
            <tr key={at}>
              <th scope="row">
                <Button look="link" onClick={() => onGo(indices[i]!)}>
                  <span className="mono">[{indices[i]!.join(', ')}]</span>
                </Button>
              </th>
              <td>{valueText(a, 4)}</td>
              <td>{valueText(b, 4)}</td>
              <td>{valueText(delta, 4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
