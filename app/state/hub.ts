import {
  filesOfSets,
  formatHubAddress,
  type HubAddress,
  hubHandle,
  parseHubAddress,
  type RepoSet,
  toErrorInfo,
} from '../../src-core/index.ts';
import { engine, type RepoListing } from './engine.ts';
import type { Recent } from './recents.ts';
import { useSettings } from './settings.ts';
import { runTask } from './tasks.ts';
import { addNotice, openOffer } from './workspace.ts';

/** Tokens by the hub they are for. They are in memory alone: gone with the page, in no link, no list and no log. */
const tokens = new Map<string, string>();

export const tokenFor = (base: string): string => tokens.get(base) ?? '';

/** Reads an address as that of a repo on the hub of the settings. Undefined for other addresses. @throws `bad-input`. */
export const readRepo = (text: string): HubAddress | undefined => parseHubAddress(text, useSettings.getState().hubBase);

/** Whether an address is that of a repo, or of what a hub has beside models: a dialog says so. */
export function isRepo(text: string): boolean {
  try {
    return readRepo(text) !== undefined;
  } catch {
    return true;
  }
}

/** A link to a repo in its short form, in which a document tells its address. */
export function shortAddress(text: string): string {
  try {
    const address = readRepo(text);
    return address?.base === useSettings.getState().hubBase ? formatHubAddress(address) : text;
  } catch {
    return text;
  }
}

/** Asks the hub for the files of a repo, with the token a person gave for it. */
export function listRepo(address: HubAddress, token: string, signal?: AbortSignal): Promise<RepoListing> {
  if (token) tokens.set(address.base, token);
  else tokens.delete(address.base);
  return engine().listRepo({ address, ...(token && { token }) }, { ...(signal && { signal }) });
}

/** Opens models of a repo, each with the small texts beside it. */
export async function openRepo({ repo, contents }: RepoListing, chosen: readonly RepoSet[]): Promise<void> {
  const { base, id, revision } = repo;
  const token = tokenFor(base);
  const isSuggestion = contents.sets.every((set) => set.suggested === chosen.includes(set));
  // The address of one that nobody suggested has to name it.
  const path = isSuggestion ? repo.path : chosen.length === 1 ? chosen[0]!.files[0]!.path : undefined;
  const name = id.slice(id.indexOf('/') + 1);
  const files = filesOfSets(contents, chosen).map((file) => ({
    path: `${name}/${file.path}`,
    handle: hubHandle(repo, file, token),
  }));
  await openOffer({
    title: formatHubAddress({ id, revision }).slice('hf://'.length),
    files,
    origin: {
      kind: 'hub',
      address: { base, id, revision, ...(path && { path }) },
      files: chosen.map((set) => set.files[0]!.path),
    },
  });
}

/** Opens what was opened of a repo before. Failures become notices. */
export async function reopenRepo(source: Extract<Recent['source'], { kind: 'hub' }>): Promise<void> {
  const { address, files } = source;
  const title = formatHubAddress(address);
  try {
    const listing = await runTask(`Listing ${title}`, ({ signal }) =>
      listRepo(address, tokenFor(address.base), signal),
    );
    const chosen = listing.contents.sets.filter((set) => files.includes(set.files[0]!.path));
    await openRepo(listing, chosen);
  } catch (error) {
    addNotice({ file: title, error: toErrorInfo(error), retry: () => void reopenRepo(source) });
  }
}
