import { Save } from 'lucide-react';
import { Tabs } from 'radix-ui';
import { chooseSide, type Side, useCompare, useSide } from '../state/compare.ts';
import { useEditLog } from '../state/edits.ts';
import { chooseView, useExplorer } from '../state/explorer.ts';
import { nodeOnSide } from '../state/pair-places.ts';
import { openSave } from '../state/save.ts';
import { Button } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';
import { mainViews } from '../views/registry.ts';
import type { PairTarget, Target } from '../views/view.ts';
import { BackToEntries } from './BackToEntries.tsx';
import { KeyPath } from './KeyPath.tsx';
import s from './MainPane.module.css';
import { PairFacts } from './PairFacts.tsx';
import { TakeMenu } from './TakeMenu.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { useTabInView } from './use-tab-in-view.ts';
import { ViewHost } from './ViewHost.tsx';

interface ComparePaneProps {
  readonly target: PairTarget;
  readonly narrow: boolean;
}

/** A pair: how its two sides differ, and what there is to say of either. */
export function ComparePane({ target, narrow }: ComparePaneProps) {
  const { document, node } = target;
  const { panel, ...focus } = useKeptFocus<HTMLDivElement>();
  const chosen = useExplorer(document.id)?.view ?? null;
  const sides = useSides(target);
  const wished = useCompare(({ side }) => side);
  const side = sides[wished] ? wished : sides.a ? 'a' : 'b';
  const own = sides[side];
  const pairViews = mainViews(target);
  const views = own ? [...pairViews, ...mainViews(own)] : pairViews;
  const view = views.find(({ id }) => id === chosen) ?? views[0];
  const tabs = useTabInView(view?.id, narrow);
  if (!view) return null;
  const shown = view.compares || !own ? target : own;
  return (
    <section className={s.main} aria-label="Selection" {...focus}>
      <div className={s.title}>
        {narrow && <BackToEntries />}
        <div className={s.lead}>
          {node === 0 ? (
            <h1 className={s.names} title={document.name}>
              {document.name}
            </h1>
          ) : (
            <KeyPath target={target} />
          )}
          <PairFacts target={target} />
        </div>
        <SaveSide side="a" />
        <SaveSide side="b" />
        <TakeMenu target={target} />
      </div>
      <Tabs.Root className={s.tabs} value={view.id} onValueChange={(id) => chooseView(document.id, id)}>
        <div className={s.tabRow}>
          <Tabs.List ref={tabs} className={s.list} aria-label="Views">
            {views.map(({ id, title }) => (
              <Tabs.Trigger key={id} value={id} className={s.tab}>
                {title}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          {!view.compares && sides.a && sides.b && (
            <Segments<Side>
              label="Side"
              value={side}
              options={[
                ['a', 'A'],
                ['b', 'B'],
              ]}
              onChange={chooseSide}
            />
          )}
        </div>
        <Tabs.Content ref={panel} key={view.id} value={view.id} className={s.content}>
          <ViewHost key={shown === target ? pairKey(target) : shown.document.id} view={view} target={shown} />
        </Tabs.Content>
      </Tabs.Root>
    </section>
  );
}

/** An edit makes another comparison of the same two: what is shown of them stays where it is. */
const pairKey = ({ document: { pairs } }: PairTarget): string => `${pairs.a}/${pairs.b}`;

/** There while a side has edits that no file holds. */
function SaveSide({ side }: { readonly side: Side }) {
  const document = useSide(side);
  const edits = useEditLog(document?.id).cursor;
  if (!document || edits === 0) return null;
  return (
    <Button look="primary" title={document.name} onClick={() => void openSave(document)}>
      <Save size={14} aria-hidden="true" />
      Save {side.toUpperCase()}…
    </Button>
  );
}

/** What a pair is in either document, where it is there. */
function useSides({ document, node }: PairTarget): Readonly<Partial<Record<Side, Target>>> {
  const [a, b] = [useSide('a'), useSide('b')];
  const targetOn = (side: Side, of: typeof a): Target | undefined => {
    // While another pair is made the sides are of the next one already.
    if (!of || of.id !== document.pairs[side]) return undefined;
    const found = nodeOnSide(document, of, side, node);
    return node === 0 || found > 0 ? { document: of, node: found } : undefined;
  };
  const [left, right] = [targetOn('a', a), targetOn('b', b)];
  return { ...(left && { a: left }), ...(right && { b: right }) };
}
