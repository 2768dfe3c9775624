import type { ErrorInfo } from '../../src-core/index.ts';
import { titleOfPaths } from './offer-title.ts';
import { addNotice, openOffer } from './workspace.ts';

/** What `stateglass open` answers: the files it serves, and on first use of its address a key for this tab. */
interface ServedList {
  readonly session?: string;
  readonly files: readonly { readonly path: string; readonly size: number; readonly tag: string }[];
}

/** The key is kept as long as the tab, so that a reload goes on; no other tab or address of this machine is given it. */
const KEPT = 'stateglass.served';

/** Opens what the command serves beside this page, with the one-time token of its address. */
export async function openServed(token: string): Promise<void> {
  const response = await askForList(token);
  if (!response.ok) return addNotice({ file: 'stateglass open', error: wordRefusal(response.status) });
  const list = (await response.json()) as ServedList;
  const key = list.session ?? token;
  keep(key);
  await openList(list, key);
}

/** Opens it again after a reload, if there was something. */
export async function reopenServed(): Promise<void> {
  const key = kept();
  if (!key) return;
  const response = await askForList(key);
  // Another run of the command, or another server: what there was is over.
  if (response.ok) await openList((await response.json()) as ServedList, key);
  else keep(undefined);
}

const askForList = (key: string): Promise<Response> =>
  fetch(new URL('served', document.baseURI), { headers: authorize(key), cache: 'no-store' }).catch(() =>
    Response.error(),
  );

async function openList({ files }: ServedList, key: string): Promise<void> {
  await openOffer({
    title: titleOfPaths(files.map(({ path }) => path)),
    files: files.map(({ path, size, tag }, i) => ({
      path,
      handle: {
        kind: 'url',
        url: new URL(`served/${i}`, document.baseURI).href,
        name: path.slice(path.lastIndexOf('/') + 1),
        headers: authorize(key),
        size,
        validator: tag,
      },
    })),
  });
}

const authorize = (key: string) => ({ Authorization: `Bearer ${key}` });

function wordRefusal(status: number): ErrorInfo {
  const file = 'the address of stateglass open';
  if (status === 403) {
    const advice =
      'If that was not you, stop the command. Press Enter where it runs, or start it again, for another address';
    return { kind: 'source', file, status, detail: 'it opens once, and was used before', advice };
  }
  const advice = 'Start the command again and use the address that it prints';
  return { kind: 'source', file, ...(status > 0 && { status }), detail: 'it is not valid here', advice };
}

/** Where a browser forbids storage, a reload asks for another address. */
function keep(key: string | undefined): void {
  try {
    if (key) sessionStorage.setItem(KEPT, key);
    else sessionStorage.removeItem(KEPT);
  } catch {}
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
