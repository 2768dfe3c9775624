import { useSyncExternalStore } from 'react';

const isDark = (): boolean => document.documentElement.dataset.theme === 'dark';

function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}

/** Whether the page is dark: for what is drawn by numbers, which style sheets do not reach. */
export const useDark = (): boolean => useSyncExternalStore(subscribe, isDark);
