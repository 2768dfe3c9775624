import { useEffect, useSyncExternalStore } from 'react';
import { useSettings } from '../state/settings.ts';

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
  );
}

/** One column instead of two. */
export const useNarrow = (): boolean => useMedia('(max-width: 720px)');

/** Puts the chosen theme, or the system's, on the page. */
export function useTheme(): void {
  const theme = useSettings((state) => state.theme);
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const dark = theme === 'dark' || (theme === 'system' && systemDark);
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }, [dark]);
}
