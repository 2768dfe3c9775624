import { Component, type ComponentType, lazy, type ReactNode, Suspense } from 'react';
import { toErrorInfo } from '../../src-core/index.ts';
import { forget } from '../state/resources.ts';
import { ErrorCard, Loading } from '../ui/States.tsx';
import type { Target, ViewDef } from '../views/view.ts';
import { explainError } from './explain-error.ts';
import s from './ViewHost.module.css';

const components = new Map<string, ComponentType<{ target: Target }>>();

function componentOf(view: ViewDef): ComponentType<{ target: Target }> {
  let component = components.get(view.id);
  if (!component) {
    component = lazy(() => view.load());
    components.set(view.id, component);
  }
  return component;
}

/** Loads a view when it is first shown, and stands in for it while it waits or when it fails. */
export function ViewHost({ view, target }: { readonly view: ViewDef; readonly target: Target }) {
  const View = componentOf(view);
  return (
    <ViewBoundary key={`${target.document.id}/${target.node}/${view.id}`} retry={() => retry(view, target)}>
      <Suspense fallback={<Loading label={`Loading ${view.title}`} />}>
        <View target={target} />
      </Suspense>
    </ViewBoundary>
  );
}

/** What failed may have been the view's own code (a lost connection) or its data: both are asked for again. */
function retry(view: ViewDef, target: Target): void {
  components.delete(view.id);
  forget(target.document.id);
}

interface BoundaryProps {
  readonly retry: () => void;
  readonly children: ReactNode;
}

class ViewBoundary extends Component<BoundaryProps, { readonly error: unknown }> {
  override state = { error: undefined as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
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
