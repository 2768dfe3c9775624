/** Resolves when what has changed on the page is drawn. In a hidden page, which draws nothing, soon. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    if (globalThis.document?.visibilityState !== 'visible') setTimeout(resolve);
    // A frame's callbacks run before it is drawn.
    else requestAnimationFrame(() => setTimeout(resolve));
  });
}
