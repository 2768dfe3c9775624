import { useEffect, useState } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { OpenedDocument } from '../state/engine.ts';
import { useExplorer } from '../state/explorer.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { useWorkspace } from '../state/workspace.ts';
import { VIEWS } from '../views/registry.ts';
import { isPair, type Target } from '../views/view.ts';
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

const EXPLORER = VIEWS.find((view) => view.place === 'side')!;

/** Explorer and main side by side, or one at a time where there is no room for two. */
export default function Workspace({ document }: { readonly document: OpenedDocument }) {
  const narrow = useNarrow();
  const pane = useWorkspace((state) => state.pane);
  const panels = useSettings((state) => state.panels);
  const node = useExplorer(document.id)?.selected ?? 0;
  const target: Target = { document, node };
  const explorer = <ViewHost view={EXPLORER} target={{ document, node: 0 }} />;
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
  const first = panels.explorer ?? 46;
  return (
    <Group
      orientation="horizontal"
      className={s.group}
      defaultLayout={{ explorer: first, main: 100 - first }}
      onLayoutChanged={(layout) => changeSettings({ panels: layout })}
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
