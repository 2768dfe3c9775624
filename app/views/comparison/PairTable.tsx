import { sidesOf } from '../../state/compare.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import type { PairList } from '../../state/pair-lists.ts';
import { deltasOf } from '../../state/pairs.ts';
import { keyOfNode } from '../../state/tree-labels.ts';
import { goTo } from '../../state/workspace.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { valueText } from '../../ui/chart-scale.ts';
import { exactCount, percentText } from '../../ui/format.ts';
import { PairBadge } from '../pair-status.tsx';
import s from './comparison.module.css';

interface PairTableProps {
  readonly title: string;
  readonly comparison: ComparedDocument;
  readonly list: PairList;
  /** How far apart they are. */
  readonly figures?: boolean;
  readonly wide?: boolean;
}

/** Pairs of one kind; each leads to its place. Nothing where there are none. */
export function PairTable({ title, comparison, list, figures = false, wide = false }: PairTableProps) {
  if (list.count === 0) return null;
  const { pairs, count } = list;
  const more = count - pairs.length;
  return (
    <Card title={title} aside={exactCount(count)} padded={false} wide={wide}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <section className={s.scroll} tabIndex={0} aria-label={title}>
        <table className={`numbers ${s.table}`}>
          <thead>
            <tr>
              <th scope="col">Entry</th>
              {figures ? (
                <>
                  <th scope="col">Max |Δ|</th>
                  <th scope="col">Mean |Δ|</th>
                  <th scope="col">Rel. L2</th>
                  <th scope="col">Cosine</th>
                  <th scope="col">Changed</th>
                </>
              ) : (
                <th scope="col">Status</th>
              )}
            </tr>
          </thead>
          <tbody>
            {pairs.map((pair) => (
              <tr key={pair}>
                <th scope="row">
                  <PairLink comparison={comparison} pair={pair} />
                </th>
                {figures ? (
                  <Figures comparison={comparison} pair={pair} />
                ) : (
                  <td>
                    <PairBadge comparison={comparison} pair={pair} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
        {more > 0 && <p className={s.more}>and {exactCount(more)} more: the filter and the table have all of them</p>}
      </section>
    </Card>
  );
}

/** Both names where they differ. */
function PairLink({ comparison, pair }: { readonly comparison: ComparedDocument; readonly pair: number }) {
  const { tree, pairs } = comparison;
  const node = tree.nodeOfEntry[pair]!;
  const b = sidesOf(comparison).find(({ id }) => id === pairs.b);
  const row = pairs.rowB[pair]!;
  const [key, other] = [keyOfNode(tree, node), b && row >= 0 ? keyOfNode(b.tree, b.tree.nodeOfEntry[row]!) : undefined];
  return (
    <>
      <Button look="link" onClick={() => goTo(comparison.id, node)}>
        <span className="mono">{key}</span>
      </Button>
      {other !== undefined && other !== key && <span className={`mono ${s.other}`}>→ {other}</span>}
    </>
  );
}

function Figures({ comparison, pair }: { readonly comparison: ComparedDocument; readonly pair: number }) {
  const deltas = deltasOf(comparison);
  const cosine = deltas.numberOf(pair, 'cosine');
  return (
    <>
      <td>{valueText(deltas.numberOf(pair, 'delta'), 4)}</td>
      <td>{valueText(deltas.numberOf(pair, 'deltaMean'), 4)}</td>
      <td>{valueText(deltas.numberOf(pair, 'rel'), 4)}</td>
      <td>{Number.isNaN(cosine) ? '—' : cosine.toFixed(5)}</td>
      <td>{percentText(deltas.numberOf(pair, 'share'))}</td>
    </>
  );
}
