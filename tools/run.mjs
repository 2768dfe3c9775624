/** Runs a TypeScript tool: `node tools/run.mjs tools/bench/main.ts …`. */
import { pathToFileURL } from 'node:url';
import { compile, compileWorker } from './compile.mjs';

const [entry, ...rest] = process.argv.slice(2);
process.argv.splice(2, process.argv.length, ...rest);
await compileWorker();
await import(pathToFileURL(await compile(entry, ['tools', 'cli', 'src-core'])).href);
