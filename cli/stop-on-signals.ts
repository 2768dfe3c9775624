/** Ctrl-C ends the work, not the process, so that nothing is left half written. */
export function stopOnSignals(): { readonly signal: AbortSignal; readonly release: () => void } {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, abort);
  return {
    signal: stop.signal,
    release: () => {
      for (const name of signals) process.off(name, abort);
    },
  };
}
