import type { EngineApi } from '../engine/api.ts';
import { createEngineClient } from '../engine/client.ts';

export type {
  CastAnswer,
  ComparedDocument,
  DocumentId,
  EngineApi,
  EntryDetail,
  OpenedDocument,
  OpenRequest,
  Pairs,
  PairValues,
  Progress,
  RenderedTemplate,
  RepoListing,
  SortColumn,
} from '../engine/api.ts';

let current: EngineApi | undefined;

/** The engine behind every store. Its worker starts with the first call, or with the page. */
export function engine(): EngineApi {
  current ??= createEngineClient();
  return current;
}

/** Puts another engine in its place: tests run without a worker. */
export function replaceEngine(other: EngineApi): void {
  current = other;
}
