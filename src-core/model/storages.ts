import type { Storage, StorageId, Storages } from './state-dict.ts';

/** Storages that exist as objects, found by id. Ids are usually positions, which needs no map. */
export function listStorages(storages: readonly Storage[]): Storages {
  if (storages.every((storage, position) => storage.id === position)) {
    return { size: storages.length, get: (id) => storages[id] };
  }
  const byId = new Map<StorageId, Storage>(storages.map((storage) => [storage.id, storage]));
  return { size: byId.size, get: (id) => byId.get(id) };
}
