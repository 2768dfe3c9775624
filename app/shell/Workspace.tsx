import { useEffect, useState } from 'react';
import { Group, Panel, Separator, useGroupRef } from 'react-resizable-panels';
import type { OpenedDocument } from '../state/engine.ts';
import { useExplorer } from '../state/explorer.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { useWorkspace } from '../state/workspace.ts';
import { VIEWS } from '../views/registry.ts';
import { isPair, type Target } from '../views/view.ts';
import { ArrivedBanner } from './ArrivedBanner.tsx';
import { BaseBar } from './BaseBar.tsx';
import { CompareBanner } from './CompareBanner.tsx';
import { ComparePane } from './ComparePane.tsx';
import { DraftBanner } from './DraftBanner.tsx';
import { MainPane } from './MainPane.tsx';
import { useNarrow } from './use-media.ts';
import { ViewHost } from './ViewHost.tsx';
import s from './Workspace.module.css';

/** True from the first pause after the first drawing: the tree is on screen before what stands beside it is made. */
function useLater(): boolean {
  const [later, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLater(true));
    return () => clearTimeout(timer);
  }, []);
  return later;
}

function useTwoTrees(target: Target): boolean {
  const sideBySide = useSettings((state) => state.sideBySide);
  const face = useExplorer(target.document.id)?.face;
  return sideBySide && face === 'tree' && isPair(target);
}

/** Percent: two trees want some 700 pixels, and what is said of a pair a third of the page. */
const shareOfTrees = (): number => Math.min(75, Math.max(64, (705 / innerWidth) * 100));

const EXPLORER = VIEWS.find((view) => view.place === 'side')!;

/** Explorer and main side by side, or one at a time where there is no room for two. */
export default function Workspace({ document }: { readonly document: OpenedDocument }) {
  const narrow = useNarrow();
  const group = useGroupRef();
  const pane = useWorkspace((state) => state.pane);
  const panels = useSettings((state) => state.panels);
  const node = useExplorer(document.id)?.selected ?? 0;
  const target: Target = { document, node };
  const twoTrees = useTwoTrees(target);
  const panel = twoTrees ? 'trees' : 'explorer';
  const first = panels[panel] ?? (twoTrees ? shareOfTrees() : 46);
  // Two trees have a width of their own, and so has one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a person drags is followed by the panels themselves
  useEffect(() => void group.current?.setLayout({ explorer: first, main: 100 - first }), [panel]);
  const tree = <ViewHost view={EXPLORER} target={{ document, node: 0 }} />;
  const explorer = isPair(target) ? (
    <div className={s.compared}>
      <div>
        <ArrivedBanner />
        <BaseBar comparison={target.document} />
      </div>
      {tree}
    </div>
  ) : (
    tree
  );
  const mainReady = useLater();
  const main = (narrow || mainReady) && (
    <div className={s.main}>
      {isPair(target) ? (
        <ComparePane target={target} narrow={narrow} />
      ) : (
        <>
          <div>
            <DraftBanner document={document.id} />
            <CompareBanner />
          </div>
          <MainPane document={document} node={node} narrow={narrow} />
        </>
      )}
    </div>
  );
  if (narrow && pane === 'main') return <div className={s.pane}>{main}</div>;
  if (narrow) {
    return (
      <div className={s.pane}>
        <h1 className="unseen">{document.name}</h1>
        {explorer}
      </div>
    );
  }
  const layout = { explorer: first, main: 100 - first };
  return (
    <Group
      orientation="horizontal"
      className={s.group}
      groupRef={group}
      defaultLayout={layout}
      onLayoutChanged={({ explorer = first }) => changeSettings({ panels: { ...panels, [panel]: explorer } })}
    >
      <Panel id="explorer" minSize="260px" className={s.pane}>
        <section aria-label="Explorer" className={s.pane}>
          {explorer}
        </section>
      </Panel>
      <Separator className={s.separator} aria-label="Width of the explorer" />
      <Panel id="main" minSize="320px" className={s.pane}>
        {main}
      </Panel>
    </Group>
  );
}
