import { useSyncExternalStore } from 'react';
import { describeError, type ErrorInfo } from '../../src-core/index.ts';
import { ErrorCard } from '../ui/States.tsx';
import s from './ReadFailure.module.css';

interface Readable {
  error(): ErrorInfo | undefined;
  retry(): void;
  subscribe(listener: () => void): () => void;
}

/** Says why cells stay empty, over them. */
export function ReadFailure({ tiles }: { readonly tiles: Readable }) {
  const error = useSyncExternalStore(tiles.subscribe, tiles.error);
  if (!error) return null;
  return (
    <div className={s.failure} role="alert">
      <ErrorCard title="Some of it could not be read" what={describeError(error)} onRetry={tiles.retry} />
    </div>
  );
}
