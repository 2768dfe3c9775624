/** The page's first JavaScript: everything `index.html` loads or preloads. Fails over the budget, or when a heavy part slipped in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET = 180_000;
const dist = join(import.meta.dirname, '../dist');
/** A text that only the package's own code has. */
const LATE = { 'monaco-editor': 'monaco-editor', 'onnxruntime-web': 'ort-wasm' };

const html = readFileSync(join(dist, 'index.html'), 'utf8');
const entries = [...html.matchAll(/(?:src|href)="\.?\/?([^"]+\.js)"/g)].map((match) => match[1]);
const files = new Set();
for (const entry of entries) collect(entry);

let total = 0;
for (const file of files) {
  const code = readFileSync(join(dist, file));
  total += gzipSync(code).length;
  for (const [name, mark] of Object.entries(LATE)) {
    if (stripLateImports(code.toString('utf8')).includes(mark))
      fail(`${file} holds ${name}, which must only load when it is needed`);
  }
}
console.log(`entry JavaScript: ${(total / 1000).toFixed(1)} kB gzip of ${BUDGET / 1000} kB in ${files.size} files`);
if (files.size === 0) fail('index.html names no JavaScript');
if (total > BUDGET) fail(`entry JavaScript is ${total} bytes gzip, the budget is ${BUDGET}`);

/** The file and everything it imports statically. */
function collect(file) {
  if (files.has(file)) return;
  files.add(file);
  const code = readFileSync(join(dist, file), 'utf8');
  for (const match of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) collect(join(file, '..', match[1]));
}

/** Names of chunks that are imported on demand may mention a late package; its code may not be here. */
function stripLateImports(code) {
  return code.replace(/import\([^)]*\)/g, '').replace(/"[^"]*\.(?:js|css|wasm)"/g, '');
}

function fail(reason) {
  console.error(reason);
  process.exitCode = 1;
}
