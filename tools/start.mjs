/** Builds when stale and serves the app on this machine only, cross-origin isolated. `--port N`, `--no-open`. */
import { preview } from 'vite';
import { buildApp } from './build-app.mjs';

await buildApp();

const asked = process.argv.indexOf('--port');
const port = asked > 0 ? Number(process.argv[asked + 1]) : 4173;
const hasScreen = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
const open = hasScreen && !process.env.CI && !process.argv.includes('--no-open');

const server = await preview({ preview: { port, host: '127.0.0.1', open }, logLevel: 'warn' });
const address = server.httpServer.address();
console.log(
  `Stateglass is at http://127.0.0.1:${typeof address === 'object' ? address.port : port}/  (Ctrl-C stops it)`,
);
