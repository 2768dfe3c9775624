import { useEffect, useState } from 'react';
import type { ContentsForecast } from '../../src-core/index.ts';
import type { ComparedDocument } from '../engine/compare-api.ts';
import { changeWishes, LOOKING, useCompare } from './compare.ts';
import type { Computation } from './computations.ts';
import { engine } from './engine.ts';
import { type Task, useTasks } from './tasks.ts';

/** What a look into the tensors without a partner would read; undefined until that is known, and once it was done. */
export function useContentsForecast({ byContent, pairs }: ComparedDocument): ContentsForecast | undefined {
  const wishes = useCompare((state) => state.wishes);
  const [forecast, setForecast] = useState<ContentsForecast>();
  const { a, b } = pairs;
  useEffect(() => {
    let wanted = !byContent;
    setForecast(undefined);
    if (wanted) {
      // A document that was closed meanwhile has nothing to look into.
      const none = () => undefined;
      void engine()
        .forecastContents({ a, b, ...wishes })
        .then((found) => wanted && setForecast(found), none);
    }
    return () => {
      wanted = false;
    };
  }, [byContent, a, b, wishes]);
  return forecast;
}

/** Reads a little of every tensor without a partner, to find it by what it holds. */
export const lookForContents = (): void => changeWishes({ contents: true });

/** How far the look is; undefined while there is none. */
export function useLooking(): { readonly progress: Computation<null>; readonly cancel: Task['cancel'] } | undefined {
  const task = useTasks(({ tasks }) => tasks.find(({ title }) => title === LOOKING));
  if (!task) return undefined;
  const { done, total, cancel } = task;
  return { progress: { status: 'running', done, total, seconds: 0, asked: true }, cancel };
}
