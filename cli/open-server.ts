import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AppFiles, sendAppFile } from './app-files.ts';
import type { OpenKeys } from './open-keys.ts';
import { describeFiles, type ServedFile, sendFile } from './served-files.ts';

/** Where the page asks for the list; `served/3` is the fourth file. */
const LIST = '/served';

export interface Served {
  readonly app: AppFiles;
  readonly files: readonly ServedFile[];
  readonly keys: OpenKeys;
}

/**
 * The page, and the listed files for who has the key: read-only, by Range, to this machine alone. Refused are other names of
 * this host (a page elsewhere whose name is made to point here), other sites, other methods, and every path that is not listed.
 */
export function createOpenServer(served: Served): Server {
  return createServer((request, response) => {
    for (const [name, value] of Object.entries(headersOf(served.app.policy))) response.setHeader(name, value);
    answer(served, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'It could not be read.');
    });
  });
}

const headersOf = (policy: string): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': policy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
});

async function answer({ app, files, keys }: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, headers } = request;
  if (!isOwnHost(request)) return refuse(response, 403, 'This server answers to 127.0.0.1 and localhost alone.');
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'Nothing can be changed here.');
  }
  const path = (request.url ?? '/').replace(/[?#].*$/s, '');
  const file = app.paths.get(path);
  if (file) return sendAppFile(file, method === 'HEAD', response);
  if (path !== LIST && !path.startsWith(`${LIST}/`)) return refuse(response, 404, 'There is nothing here.');
  if (!isOwnPage(request)) return refuse(response, 403, 'Only the page of this server may ask.');
  const isKnown = keys.isSession(headers.authorization);
  if (path === LIST && method === 'GET') {
    const first = isKnown ? 'known' : keys.redeem(headers.authorization);
    if (first === 'used') return refuse(response, 403, 'This one-time address was used before.');
    if (first !== 'unknown') {
      const list = { ...(first === 'first' && { session: keys.session }), files: await describeFiles(files) };
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(list));
      return;
    }
  }
  if (!isKnown) return refuse(response, 401, 'The address that the command printed is needed.');
  const number = /^\/served\/(0|[1-9]\d{0,5})$/.exec(path)?.[1];
  const wanted = number === undefined ? undefined : files[Number(number)];
  if (!wanted) return refuse(response, 404, 'There is no such file.');
  return sendFile(wanted, request, response);
}

function isOwnHost({ headers, socket }: IncomingMessage): boolean {
  const port = socket.localPort;
  return ['127.0.0.1', 'localhost', '[::1]'].some((name) => headers.host === `${name}:${port}`);
}

/** Browsers say where a request comes from; other programs say nothing. */
function isOwnPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return (
    (site === undefined || site === 'same-origin' || site === 'none') &&
    (headers.origin === undefined || headers.origin === `http://${headers.host}`)
  );
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${why}\n`);
}
