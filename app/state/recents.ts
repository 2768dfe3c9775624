import { type DBSchema, openDB } from 'idb';
import { create } from 'zustand';
import type { HubAddress } from '../../src-core/index.ts';

/** Something opened before that can be opened again: kept handles, or an address. */
export interface Recent {
  readonly name: string;
  readonly when: number;
  /** Bytes of all files; undefined when not known. */
  readonly size?: number;
  readonly source:
    | { readonly kind: 'files'; readonly handles: readonly FileSystemFileHandle[] }
    | { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle }
    | { readonly kind: 'url'; readonly url: string }
    /** `files` are the first files of the models that were opened. Never a token. */
    | { readonly kind: 'hub'; readonly address: HubAddress; readonly files: readonly string[] };
}

interface Schema extends DBSchema {
  recents: { key: string; value: Recent };
}

const KEPT = 8;

export const useRecents = create<{ readonly recents: readonly Recent[] }>(() => ({ recents: [] }));

const database = () =>
  openDB<Schema>('stateglass', 1, {
    upgrade(db) {
      db.createObjectStore('recents', { keyPath: 'name' });
    },
  });

async function readAll(): Promise<readonly Recent[]> {
  const db = await database();
  const all = await db.getAll('recents');
  db.close();
  return all.sort((a, b) => b.when - a.when);
}

/** Without IndexedDB (private windows, a full disk) there are simply no recent files. */
async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    useRecents.setState({ recents: [] });
  }
}

export const loadRecents = (): Promise<void> => quietly(async () => useRecents.setState({ recents: await readAll() }));

export const rememberRecent = (recent: Recent): Promise<void> =>
  quietly(async () => {
    const db = await database();
    await db.put('recents', recent);
    db.close();
    const all = await readAll();
    for (const old of all.slice(KEPT)) await remove(old.name);
    useRecents.setState({ recents: all.slice(0, KEPT) });
  });

export const forgetRecent = (name: string): Promise<void> =>
  quietly(async () => {
    await remove(name);
    useRecents.setState({ recents: await readAll() });
  });

async function remove(name: string): Promise<void> {
  const db = await database();
  await db.delete('recents', name);
  db.close();
}
