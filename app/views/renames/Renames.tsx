import { useMemo } from 'react';
import { pinPair, unpin, useCompare } from '../../state/compare.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { listRenamed, type Renamed } from '../../state/renames.ts';
import { goTo } from '../../state/workspace.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, CardGrid } from '../../ui/Card.tsx';
import { exactCount } from '../../ui/format.ts';
import { Check, X } from '../../ui/icons.ts';
import { isPair, type Target } from '../view.ts';
import { ContentsCard } from './ContentsCard.tsx';
import { PairByHand } from './PairByHand.tsx';
import { RulesCard } from './RulesCard.tsx';
import s from './renames.module.css';

/** Entries that go together under two names: found by themselves, and corrected by a person. */
export default function Renames({ target }: { readonly target: Target }) {
  if (!isPair(target)) return null;
  return <Renamings comparison={target.document} />;
}

function Renamings({ comparison }: { readonly comparison: ComparedDocument }) {
  const renamed = useMemo(() => listRenamed(comparison), [comparison]);
  const pinned = useCompare(({ wishes }) => wishes.pinned);
  const apart = pinned.filter(([keyA, keyB]) => keyA === null || keyB === null);
  return (
    <CardGrid>
      <Card title="Renamed" aside={exactCount(renamed.count)} padded={false} wide>
        {renamed.count === 0 ? (
          <p className={s.none}>No entry of A is found under another name in B.</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
          <section className={s.scroll} tabIndex={0} aria-label="Renamed entries">
            <table className={s.table}>
              <thead>
                <tr>
                  <th scope="col">In A, and in B</th>
                  <th scope="col">Found by</th>
                  <th scope="col">Sure</th>
                  <th scope="col">
                    <span className="unseen">Decide</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {renamed.first.map((one) => (
                  <RenamedRow key={one.pair} comparison={comparison} renamed={one} />
                ))}
              </tbody>
            </table>
            {renamed.count > renamed.first.length && (
              <p className={s.none}>The {renamed.first.length} least sure are shown. A rule decides many at once.</p>
            )}
          </section>
        )}
      </Card>
      {apart.length > 0 && (
        <Card title="Kept apart" aside={exactCount(apart.length)} wide>
          <ul className={s.apart}>
            {apart.map(([keyA, keyB]) => (
              <li key={`${keyA} ${keyB}`}>
                <span className="mono">{keyA ?? keyB}</span>
                <span className={s.soft}>has no partner in {keyA === null ? 'A' : 'B'}</span>
                <Button look="link" onClick={() => unpin(keyA, keyB)}>
                  Take back
                </Button>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <ContentsCard comparison={comparison} />
      <RulesCard comparison={comparison} />
      <PairByHand comparison={comparison} />
    </CardGrid>
  );
}

function RenamedRow({ comparison, renamed }: { readonly comparison: ComparedDocument; readonly renamed: Renamed }) {
  const { pair, keyA, keyB, how, confidence, isUncertain } = renamed;
  const isPinned = useCompare(({ wishes }) => wishes.pinned.some(([a, b]) => a === keyA && b === keyB));
  return (
    <tr>
      <th scope="row">
        <Button look="link" onClick={() => goTo(comparison.id, comparison.tree.nodeOfEntry[pair]!)}>
          <span className="mono">{keyA}</span>
        </Button>
        <span className={`mono ${s.key}`}>
          <span aria-hidden="true">→</span>
          <span>{keyB}</span>
        </span>
      </th>
      <td className={s.soft}>{how}</td>
      <td className="numbers">
        {isPinned ? (
          <Badge tone="accent">pinned</Badge>
        ) : (
          <Badge tone={isUncertain ? 'warn' : 'plain'}>{Math.floor(confidence * 100)} %</Badge>
        )}
      </td>
      <td className={s.decide}>
        {isPinned ? (
          <Button look="quiet" aria-label={`Take back ${keyA}`} onClick={() => unpin(keyA, keyB)}>
            Take back
          </Button>
        ) : (
          <>
            <Button look="quiet" aria-label={`Accept ${keyA}`} onClick={() => pinPair(keyA, keyB)}>
              <Check size={14} aria-hidden="true" />
              Accept
            </Button>
            <Button look="quiet" aria-label={`Reject ${keyA}`} onClick={() => pinPair(keyA, null)}>
              <X size={14} aria-hidden="true" />
              Reject
            </Button>
          </>
        )}
      </td>
    </tr>
  );
}
