import { type DeepLink, readLink, writeLink } from './deep-link.ts';
import { entryOf, useExplorers } from './explorer.ts';
import { shortAddress } from './hub.ts';
import { openServed, reopenServed } from './served.ts';
import { pathText } from './tree-labels.ts';
import { shownSliceText, useValues } from './values.ts';
import { addressOf, askToOpenUrl, isMeant, landAt, useWorkspace } from './workspace.ts';

/** Follows the hash once, then keeps it telling where the person is. Returns the way to stop. */
export function syncAddressBar(): () => void {
  const follow = () => {
    const { open: token, ...asked } = readLink(location.hash);
    const link = asked.url ? { ...asked, url: shortAddress(asked.url) } : asked;
    // A token is worth nothing after its first use, and has no place in the history.
    if (token) replaceHash(writeLink(link));
    const known = useWorkspace.getState().documents.find((document) => isMeant(document, link));
    useWorkspace.setState({ awaited: link });
    if (known) landAt(known);
    else if (link.url) askToOpenUrl(link.url);
    if (token) void openServed(token);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const hash = writeLink(currentLink());
      if (hash !== location.hash) replaceHash(hash);
    }, 120);
  };
  follow();
  void reopenServed();
  addEventListener('hashchange', follow);
  const stops = [useWorkspace.subscribe(write), useExplorers.subscribe(write), useValues.subscribe(write)];
  return () => {
    removeEventListener('hashchange', follow);
    for (const stop of stops) stop();
  };
}

const replaceHash = (hash: string): void =>
  history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);

/** The link to what is shown now; while a link waits for its file, that link. */
export function currentLink(): DeepLink {
  const { active, awaited, documents } = useWorkspace.getState();
  const explorer = active === null ? undefined : useExplorers.getState().explorers[active];
  if (!explorer) return awaited;
  const { document, selected, view, filter } = explorer;
  const url = addressOf(document.id);
  const isOnlyOne = documents.filter((other) => addressOf(other.id) === url).length === 1;
  const entry = entryOf(document, selected);
  const slice = entry === undefined ? undefined : shownSliceText(document, entry);
  return {
    ...(url && { url }),
    ...((!url || !isOnlyOne) && { document: document.name }),
    ...(selected > 0 && { key: pathText(document.tree, selected) }),
    ...(view && { view }),
    ...(slice && { slice }),
    ...(filter && { filter }),
  };
}
