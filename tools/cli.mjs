#!/usr/bin/env node
/** `npm run -s cli -- ls FILE`: the terminal face, compiled when stale. */
import { pathToFileURL } from 'node:url';
import { buildApp } from './build-app.mjs';
import { compileCommand } from './compile.mjs';

process.env.NODE_NO_WARNINGS ??= '1';
const command = await compileCommand();
if (process.argv[2] === 'open') await buildApp();
await import(pathToFileURL(command).href);
