import {
  fileOffsets,
  type StatsBatch,
  type StatsTable,
  scanRows,
  scanStats,
  viewUnpacked,
} from '../../src-core/index.ts';
import type { EngineApi, ItemOptions } from './api.ts';
import type { FindHeld } from './held.ts';
import { tellProgress } from './tell-progress.ts';

type StatisticsMethods = Pick<EngineApi, 'stats' | 'rowStats' | 'scan' | 'fileOffsets'>;

/** Statistics of tensors, and of packed weights as the numbers they stand for. What a table shows of each is kept for as long as its document is open. */
export function statisticsMethods(find: FindHeld): StatisticsMethods {
  return {
    async stats(id, rows, call = {}) {
      const { document, statistics, pool } = find(id);
      await scanStats(
        await viewUnpacked(document, rows, call.signal),
        rows,
        pool,
        (stats) => {
          statistics.set(stats.id, stats.stats);
          call.onItem?.(stats);
        },
        { ...tellProgress('Computing statistics', call), ...(call.onItem && { onInterim: call.onItem }) },
      );
    },
    async rowStats({ document: id, entry, axis }, call = {}) {
      const { document, pool } = find(id);
      const options = tellProgress('Computing statistics of rows', call);
      return scanRows(await viewUnpacked(document, [entry], call.signal), entry, pool, {
        ...options,
        ...(axis !== undefined && { axis }),
      });
    },
    async scan(id, rows, call = {}) {
      const { document, statistics, pool } = find(id);
      const batch = startBatch(statistics, call);
      try {
        for (const row of rows) if (statistics.has(row)) batch.add(row);
        const missing = rows.filter((row) => !statistics.has(row));
        await scanStats(
          await viewUnpacked(document, missing, call.signal),
          missing,
          pool,
          (stats) => {
            statistics.set(stats.id, stats.stats);
            batch.add(stats.id);
          },
          tellProgress('Scanning values', call),
        );
      } finally {
        batch.send();
      }
    },
    async fileOffsets(id, rows) {
      return fileOffsets(find(id).document, rows);
    },
  };
}

/** Results of a scan travel together: a message for each of half a million tensors would cost more than their statistics. */
const BATCH_ROWS = 2048;
const BATCH_MS = 150;

function startBatch(statistics: StatsTable, { onItem }: ItemOptions<StatsBatch>) {
  let rows: number[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    if (rows.length > 0) onItem?.(statistics.batchOf(rows));
    rows = [];
  };
  return {
    send,
    add(row: number) {
      rows.push(row);
      if (rows.length >= BATCH_ROWS) send();
      else timer ??= setTimeout(send, BATCH_MS);
    },
  };
}
