/** Whether an output is older than what it is made of. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** `inputs` are files and folders relative to the project. */
export function isStale(output, inputs) {
  const path = join(root, output);
  return !existsSync(path) || newest(inputs) > statSync(path).mtimeMs;
}

function newest(inputs) {
  let latest = 0;
  for (const input of inputs) {
    const path = join(root, input);
    if (!existsSync(path)) continue;
    if (!statSync(path).isDirectory()) {
      latest = Math.max(latest, statSync(path).mtimeMs);
      continue;
    }
    for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) latest = Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
    }
  }
  return latest;
}
