import type { ErrorInfo } from '../../src-core/index.ts';
import type { EngineApi, Progress } from './api.ts';

/** What crosses between page and worker. Plain data; typed arrays move, they are not copied twice. */
export type Method = keyof EngineApi;

export type ToWorker =
  | { readonly call: number; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly abort: number };

export type FromWorker =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly error: ErrorInfo }
  | { readonly call: number; readonly progress: Progress }
  | { readonly call: number; readonly item: unknown };

/** Position of CallOptions in the methods that take it. It cannot cross: the client aborts by call id and the worker reports progress. */
export const OPTIONS_AT: Partial<Record<Method, number>> = {
  open: 1,
  listRepo: 1,
  watchReads: 0,
  filter: 2,
  sort: 1,
  values: 1,
  storedBytes: 1,
  stats: 2,
  rowStats: 1,
  scan: 2,
  checkValues: 1,
  exportFile: 2,
  saveForecast: 1,
  saveFiles: 1,
  compare: 1,
  previewPairs: 1,
  inspectCast: 3,
  pairValues: 1,
  scanPairs: 2,
  threeWay: 1,
  planLoad: 1,
  surveyLoads: 1,
  describeRun: 1,
  runModule: 1,
  generate: 1,
};

/**
 * A copy of the value whose typed arrays own buffers that may be transferred: the worker keeps its own, the page receives
 * its window without a copy on its thread.
 */
export function detach(value: unknown): { value: unknown; transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = [];
  return { value: copy(value, transfer, 0), transfer };
}

/** Columns lie this deep in a reply (reply → documents → document → tree → column); deeper data has none. */
const COLUMN_DEPTH = 4;

function copy(value: unknown, transfer: ArrayBuffer[], depth: number): unknown {
  if (ArrayBuffer.isView(value)) {
    const own = (value as Uint8Array<ArrayBuffer>).slice();
    transfer.push(own.buffer);
    return own;
  }
  if (depth >= COLUMN_DEPTH || typeof value !== 'object' || value === null || value instanceof Blob) return value;
  if (Array.isArray(value)) return value.length > 64 ? value : value.map((item) => copy(item, transfer, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, transfer, depth + 1)]));
}
