#!/usr/bin/env node
/** `npm run -s cli -- ls FILE`: the terminal face, compiled when stale. */
import { pathToFileURL } from 'node:url';
import { buildApp } from './build-app.mjs';
import { compile, compileWorker } from './compile.mjs';

process.env.NODE_NO_WARNINGS ??= '1';
await compileWorker();
if (process.argv[2] === 'open') await buildApp();
await import(pathToFileURL(await compile('cli/main.ts', ['cli', 'src-core'])).href);
