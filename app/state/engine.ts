import type { EngineApi } from '../engine/api.ts';
import { createEngineClient } from '../engine/client.ts';

export type {
  DocumentId,
  EngineApi,
  EntryDetail,
  OpenedDocument,
  OpenRequest,
  Progress,
  RenderedTemplate,
  RepoListing,
  SortColumn,
} from '../engine/api.ts';
export type { ComparedDocument, MergeForecast, Pairs, PairValues } from '../engine/compare-api.ts';
export type { CastAnswer } from '../engine/edit-api.ts';

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
