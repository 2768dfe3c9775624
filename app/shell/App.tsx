import { lazy, Suspense, useEffect } from 'react';
import { engine } from '../state/engine.ts';
import { loadRecents } from '../state/recents.ts';
import { syncAddressBar, useWorkspace } from '../state/workspace.ts';
import { VIEWS } from '../views/registry.ts';
import s from './app.module.css';
import { listenForKeys } from './commands.ts';
import { DropLayer } from './DropLayer.tsx';
import { Header } from './Header.tsx';
import { Notices } from './Notices.tsx';
import { Start } from './Start.tsx';
import { StatusBar } from './StatusBar.tsx';
import { useTheme } from './use-media.ts';

const loadWorkspace = () => import('./Workspace.tsx');
const Workspace = lazy(loadWorkspace);
const loadOverlays = () => import('./Overlays.tsx');
const loadExplorer = () => Promise.all(VIEWS.filter((view) => view.place === 'side').map((view) => view.load()));
const Overlays = lazy(loadOverlays);

export function App() {
  const active = useWorkspace((state) => state.documents.find((d) => d.id === state.active));
  useTheme();
  const overlaid = useWorkspace((state) => state.dialog !== null || state.askedUrl !== null);
  useEffect(syncAddressBar, []);
  useEffect(listenForKeys, []);
  useEffect(() => {
    // The worker and the panels are wanted with the first drop: they load while nothing else is going on.
    engine();
    void loadRecents();
    const timer = setTimeout(() => void Promise.all([loadWorkspace(), loadExplorer(), loadOverlays()]), 200);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    document.title = active ? `${active.name} · Stateglass` : 'Stateglass';
  }, [active]);

  return (
    <DropLayer>
      <div className={s.app}>
        <Header />
        <main className={s.main}>
          {active ? (
            <Suspense fallback={null}>
              <Workspace key={active.id} document={active} />
            </Suspense>
          ) : (
            <Start />
          )}
        </main>
        <StatusBar />
      </div>
      <Notices />
      {overlaid && (
        <Suspense fallback={null}>
          <Overlays />
        </Suspense>
      )}
    </DropLayer>
  );
}
