import { hashDocument } from '../src-core/index.ts';
import { openPaths } from './open-paths.ts';
import { threadPool } from './pool.ts';
import { showProgress } from './progress.ts';
import { readWorkers } from './stats.ts';

export interface HashOptions {
  readonly json?: boolean;
  readonly workers?: number | string;
}

/** `hash FILE`: what a state dict holds as one name, whatever format it is in. With `--json`, of every entry too. */
export async function hash(file: string, options: HashOptions): Promise<void> {
  const documents = await openPaths([file]);
  const pool = threadPool(readWorkers(options.workers));
  const progress = showProgress('hash');
  try {
    const lines: string[] = [];
    for (const document of documents) {
      const hashes = await hashDocument(document, pool, { onProgress: progress.update });
      const entries = hashes.entries.map(({ id, digest }) => ({
        key: document.state.entries.at(id).key,
        digest: digest ?? null,
      }));
      const content = hashes.content ?? null;
      lines.push(
        options.json
          ? JSON.stringify({ name: document.name, content, structure: hashes.structure, entries })
          : `content   ${content ?? 'not all bytes are here'}\nstructure ${hashes.structure}\n${document.name}`,
      );
    }
    progress.end();
    process.stdout.write(options.json && lines.length > 1 ? `[${lines.join(',\n')}]\n` : `${lines.join('\n')}\n`);
  } finally {
    progress.end();
    await pool.close();
  }
}
