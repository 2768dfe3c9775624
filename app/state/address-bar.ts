import { comparisonOf, useCompare } from './compare.ts';
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
  const stops = [useWorkspace, useExplorers, useValues, useCompare].map((store) => store.subscribe(write));
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
  const comparison = comparisonOf();
  const { explorers } = useExplorers.getState();
  const own = explorers[comparison?.pairs.a ?? active ?? Number.NaN];
  const explorer = comparison ? explorers[comparison.id] : own;
  if (!explorer || !own) return awaited;
  const { document } = own;
  const { selected, view, filter } = explorer;
  const url = addressOf(document.id);
  const isOnlyOne = documents.filter((other) => addressOf(other.id) === url).length === 1;
  const entry = entryOf(document, own.selected);
  const slice = entry === undefined ? undefined : shownSliceText(document, entry);
  const other = documents.find(({ id }) => id === comparison?.pairs.b);
  const base = other && documents.find(({ id }) => id === useCompare.getState().base);
  return {
    ...(url && { url }),
    ...((!url || !isOnlyOne) && { document: document.name }),
    ...(other && { other: addressOf(other.id) ?? other.name }),
    ...(base && { base: addressOf(base.id) ?? base.name }),
    ...(selected > 0 && { key: pathText(explorer.document.tree, selected) }),
    ...(view && { view }),
    ...(slice && { slice }),
    ...(filter && { filter }),
  };
}
