import {
  blobSink,
  type Document,
  listExportForms,
  openHandle,
  planExport,
  type SourceHandle,
  writePlan,
} from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { FindHeld } from './held.ts';

type ExportMethods = Pick<EngineApi, 'exportForms' | 'exportFile'>;

/** What leaves the page as a file. */
export function exportMethods(find: FindHeld): ExportMethods {
  return {
    async exportForms({ document, ...request }) {
      return listExportForms(find(document).document, request);
    },
    async exportFile({ document: id, ...request }, format, { signal, onProgress } = {}) {
      const { document } = find(id);
      const plan = await planExport(document, { ...request, format });
      const sink = blobSink();
      await writePlan(plan, sink, sourceOpener(document), {
        ...(signal && { signal }),
        onProgress: (done, total) => onProgress?.({ label: 'Writing', done, total }),
      });
      await checkUnchanged(document, signal);
      return sink.finish('application/octet-stream');
    },
  };
}

/** The document's own sources: servers have been asked already, and what is read is counted. */
export function sourceOpener({ files }: Document) {
  const known = new Map([...files.values()].map((source) => [source.handle, source] as const));
  return async (handle: SourceHandle) => known.get(handle) ?? openHandle(handle);
}

/** Ranges of a file that changed cannot be read when the Blob is saved, which says no more than "failed": say it now. */
async function checkUnchanged({ files }: Document, signal: AbortSignal | undefined): Promise<void> {
  for (const source of files.values()) {
    if (source.handle.kind === 'blob' && source.size > 0) await source.read(0, 1, signal);
  }
}
