import { type FocusEvent, useCallback, useEffect, useRef } from 'react';

/**
 * Keeps the keyboard in a pane when the button or field that had it is gone: an act that ends itself (Unpack), a link to another
 * selection. Without it the next Tab would begin at the top of the page.
 */
export function useKeptFocus<Pane extends HTMLElement>() {
  const panel = useRef<Pane>(null);
  const watch = useRef<MutationObserver>(undefined);
  const take = useCallback(() => {
    if (watch.current && document.activeElement === document.body) panel.current?.focus({ preventScroll: true });
  }, []);
  const stop = useCallback(() => {
    watch.current?.disconnect();
    watch.current = undefined;
  }, []);
  useEffect(take);
  useEffect(() => stop, [stop]);
  return {
    panel,
    // Lists and editors that are scrolled have the keyboard as a whole: their many changes are not watched.
    onFocus({ target, currentTarget }: FocusEvent) {
      stop();
      if (!target.matches('button, a, input, select')) return;
      watch.current = new MutationObserver(take);
      watch.current.observe(currentTarget, { childList: true, subtree: true });
    },
    onBlur({ relatedTarget, target }: FocusEvent) {
      // It is left, not gone: for another, or because a person clicks beside all.
      if (relatedTarget || (target.isConnected && !target.matches(':disabled'))) stop();
    },
  };
}
