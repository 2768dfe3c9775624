import { Component, type ComponentType, type ReactNode } from 'react';
import { toErrorInfo } from '../../src-core/index.ts';
import { forget } from '../state/resources.ts';
import { Answer, watch } from '../ui/Answer.tsx';
import { ErrorCard, Loading } from '../ui/States.tsx';
import type { Target, ViewDef, ViewModule } from '../views/view.ts';
import { explainError } from './explain-error.ts';
import s from './ViewHost.module.css';

const loads = new Map<string, Promise<ViewModule>>();

function loadView(view: ViewDef): Promise<ViewModule> {
  let load = loads.get(view.id);
  if (!load) {
    load = view.load();
    loads.set(view.id, load);
  }
  return load;
}

/** Fetches a view's code before it is shown. Gives what to draw for practice, if it has such a thing. */
export async function prepareView(view: ViewDef): Promise<ComponentType | undefined> {
  const load = loadView(view);
  await watch(load);
  return load.then(
    ({ Rehearsal }) => Rehearsal,
    () => undefined,
  );
}

/** Loads a view when it is first shown, and stands in for it while it waits or when it fails. */
export function ViewHost({ view, target }: { readonly view: ViewDef; readonly target: Target }) {
  return (
    <ViewBoundary key={view.id} of={`${target.document.id}/${target.node}`} retry={() => retry(view, target)}>
      <Answer to={loadView(view)} waiting={<Loading label={`Loading ${view.title}`} />}>
        {({ default: View }) => <View target={target} />}
      </Answer>
    </ViewBoundary>
  );
}

/** What failed may have been the view's own code (a lost connection) or its data: both are asked for again. */
function retry(view: ViewDef, target: Target): void {
  loads.delete(view.id);
  forget(target.document.id);
}

interface BoundaryProps {
  /** What is shown; another one is tried afresh. */
  readonly of: string;
  readonly retry: () => void;
  readonly children: ReactNode;
}

class ViewBoundary extends Component<BoundaryProps, { readonly error: unknown }> {
  override state = { error: undefined as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (before.of !== this.props.of && this.state.error !== undefined) this.setState({ error: undefined });
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return (
      <div className={s.failed} role="alert">
        <ErrorCard
          {...explainError(toErrorInfo(this.state.error))}
          onRetry={() => {
            this.props.retry();
            this.setState({ error: undefined });
          }}
        />
      </div>
    );
  }
}
