import {
  arrangeRepo,
  filesOfSets,
  HUB_BASE,
  type HubAddress,
  hubHandle,
  listHubRepo,
  type OpenFile,
  openHandle,
  StateglassError,
} from '../src-core/index.ts';

/** The variables that other programs of the hub read too. */
export const hubBase = (): string => (process.env.HF_ENDPOINT || HUB_BASE).replace(/\/+$/, '');

/** The files of a repo that make the model a person most likely means: what its path names, else what the page suggests. */
export async function openRepo(address: HubAddress): Promise<OpenFile[]> {
  const token = process.env.HF_TOKEN?.trim();
  const repo = await listHubRepo(address, token ? { token } : {});
  const contents = arrangeRepo(repo.files, address.path);
  const chosen = contents.sets.filter((set) => set.suggested);
  if (chosen.length === 0) {
    const what = address.path === undefined ? address.id : `${address.id}/${address.path}`;
    throw new StateglassError({ kind: 'not-found', what, detail: 'no state dict here' });
  }
  const folder = address.id.slice(address.id.indexOf('/') + 1);
  return Promise.all(
    filesOfSets(contents, chosen).map(async (file) => ({
      id: `${folder}/${file.path}`,
      source: await openHandle(hubHandle(repo, file, token)),
    })),
  );
}
