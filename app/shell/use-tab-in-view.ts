import { useEffect, useRef } from 'react';

/** A narrow window shows some of the tabs: the one that is chosen is among them. */
export function useTabInView(chosen: string | undefined, narrow: boolean) {
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is chosen, or there is less room
  useEffect(() => {
    list.current?.querySelector('[data-state="active"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [chosen, narrow]);
  return list;
}
