/** Node 20 does not run TypeScript: bundles an entry (packages left outside) when it is stale and says where the result is. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { isStale } from './stale.mjs';

const root = join(import.meta.dirname, '..');

/** Compiled file of each entry, as an absolute path. `inputs` are the folders it is made of. */
export async function compile(entry, inputs) {
  const output = `.cache/compiled/${entry.replaceAll('/', '-').replace(/\.ts$/, '.mjs')}`;
  if (isStale(output, [...inputs, 'package-lock.json', 'tools/compile.mjs'])) {
    const { rolldown } = await import('rolldown');
    const bundle = await rolldown({
      input: join(root, entry),
      platform: 'node',
      external: (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:/.test(id),
      logLevel: 'silent',
    });
    // Several commands may find it stale at once: each writes its own and puts it in place whole.
    const own = join(root, output.replace(/\.mjs$/, `.${process.pid}.mjs`));
    await bundle.write({ file: own, format: 'esm', codeSplitting: false });
    await bundle.close();
    renameSync(own, join(root, output));
  }
  return join(root, output);
}

const COMMAND = ['cli', 'src-core'];

/** The thread that commands hand work to is looked for beside the compiled command. */
export const compileWorker = () => compile('cli/worker.ts', COMMAND);

/** Compiled file of the command, its thread beside it. */
export async function compileCommand() {
  await compileWorker();
  return compile('cli/main.ts', COMMAND);
}
