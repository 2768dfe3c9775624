import { arrangeRepo, listHubRepo } from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';

/** What a hub is asked before any file is opened. */
export const repoMethods: Pick<EngineApi, 'listRepo'> = {
  async listRepo({ address, token }, { signal } = {}) {
    const { files, ...repo } = await listHubRepo(address, { ...(token && { token }), ...(signal && { signal }) });
    return { repo, contents: arrangeRepo(files, address.path) };
  },
};
