import { type ComponentType, useEffect, useState } from 'react';
import { syncAddressBar } from '../state/address-bar.ts';
import { useCompare } from '../state/compare.ts';
import { watchDrafts } from '../state/drafts.ts';
import { hasUnsaved } from '../state/edits.ts';
import { engine } from '../state/engine.ts';
import { loadRecents } from '../state/recents.ts';
import { watchThreeWay } from '../state/three-way.ts';
import { watchComparing } from '../state/watch-comparing.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Answer, watch } from '../ui/Answer.tsx';
import { VIEWS } from '../views/registry.ts';
import s from './app.module.css';
import { listenForKeys } from './commands.ts';
import { DropLayer } from './DropLayer.tsx';
import { Header } from './Header.tsx';
import { Notices } from './Notices.tsx';
import { Rehearse } from './Rehearse.tsx';
import { Start } from './Start.tsx';
import { StatusBar } from './StatusBar.tsx';
import { useTheme } from './use-media.ts';
import { prepareView } from './ViewHost.tsx';

let workspace: Promise<typeof import('./Workspace.tsx')> | undefined;
const loadWorkspace = () => (workspace ??= import('./Workspace.tsx'));
let overlays: Promise<typeof import('./Overlays.tsx')> | undefined;
const loadOverlays = () => (overlays ??= import('./Overlays.tsx'));

/** What a document, a tensor and a module show first. */
const FIRST_SEEN = ['overview', 'values', 'info'];

/**
 * What the first drop shows and the palette loads while nothing else is going on, so that neither waits for it. Gives what to
 * draw for practice.
 */
async function prepare(): Promise<readonly Rehearsal[]> {
  const views = VIEWS.filter((view) => view.place === 'side' || FIRST_SEEN.includes(view.id));
  const [rehearsals] = await Promise.all([
    Promise.all(views.map(async (view) => ({ id: view.id, View: await prepareView(view) }))),
    watch(loadWorkspace()),
    watch(loadOverlays()),
  ]);
  return rehearsals.flatMap(({ id, View }) => (View ? [{ id, View }] : []));
}

interface Rehearsal {
  readonly id: string;
  readonly View: ComponentType;
}

export function App() {
  const active = useWorkspace((state) => state.documents.find((d) => d.id === state.active));
  const shown = useCompare(({ comparison }) => comparison) ?? active;
  useTheme();
  const overlaid = useWorkspace((state) => state.dialog !== null || state.askedUrl !== null);
  const [rehearsals, setRehearsals] = useState<readonly Rehearsal[]>([]);
  useEffect(syncAddressBar, []);
  useEffect(listenForKeys, []);
  useEffect(watchDrafts, []);
  useEffect(watchComparing, []);
  useEffect(watchThreeWay, []);
  useEffect(() => {
    engine();
    void loadRecents();
    const timer = setTimeout(() => void prepare().then(setRehearsals), 200);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (hasUnsaved()) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, []);
  useEffect(() => {
    document.title = shown ? `${shown.name} · Stateglass` : 'Stateglass';
  }, [shown]);

  return (
    <DropLayer>
      <div className={s.app}>
        <Header />
        <main className={s.main}>
          {shown ? (
            <Answer to={loadWorkspace()} waiting={null}>
              {({ default: Workspace }) => <Workspace key={shown.pairs ? 'comparison' : shown.id} document={shown} />}
            </Answer>
          ) : (
            <>
              <Start />
              {rehearsals.map(({ id, View }) => (
                <Rehearse key={id} view={View} />
              ))}
            </>
          )}
        </main>
        <StatusBar />
      </div>
      <Notices />
      {overlaid && (
        <Answer to={loadOverlays()} waiting={null}>
          {({ default: Overlays }) => <Overlays />}
        </Answer>
      )}
    </DropLayer>
  );
}
