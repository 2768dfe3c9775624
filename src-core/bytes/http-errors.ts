import { StateglassError } from '../base/errors.ts';
import { wordHubRefusal } from './hub-errors.ts';

/** What an answer that refuses means for the person who gave the address. A model hub says more than its status. */
export function refusal(name: string, url: string, { status, headers }: Response): StateglassError {
  const host = hostOf(url);
  const [detail, advice] = wordHubRefusal(status, headers, host) ?? wordStatus(status, host);
  return new StateglassError({ kind: 'source', file: name, status, detail, advice });
}

function wordStatus(status: number, host: string): readonly [detail: string, advice: string] {
  switch (status) {
    case 401:
      return [
        `${host} wants to know who asks (401)`,
        'Give an access token, or download the file and open it from disk',
      ];
    case 403:
      return [
        `${host} does not give this file out (403)`,
        'The model may be gated, or a signed address has run out: get a new one, or download the file and open it from disk',
      ];
    case 404:
    case 410:
      return [`${host} has no such file (${status})`, 'Check the address'];
    case 429:
      return [`${host} has had too many requests (429)`, 'Wait a few minutes and try again'];
    default:
      return status >= 500
        ? [`${host} has a problem of its own (${status})`, 'Try again later']
        : [`${host} refuses (${status})`, 'Check the address, or download the file and open it from disk'];
  }
}

/** A failed fetch says nothing of its reason to a page: the network, the name, or cross-origin rules. */
export function unreachableServer(name: string, url: string, cause: unknown): StateglassError {
  return new StateglassError(
    {
      kind: 'source',
      file: name,
      detail: `${hostOf(url)} cannot be reached, or does not let other sites read its files (CORS)`,
      advice: 'Check the address and the network, or download the file and open it from disk',
    },
    { cause },
  );
}

export function silentServer(name: string, url: string): StateglassError {
  return new StateglassError({
    kind: 'source',
    file: name,
    detail: `${hostOf(url)} does not answer`,
    advice: 'Check the network and try again later',
  });
}

export function connectionLost(name: string, cause?: unknown): StateglassError {
  return new StateglassError(
    {
      kind: 'source',
      file: name,
      detail: 'the connection broke off, and again when it was tried anew',
      advice: 'Check the network and try again',
    },
    { cause },
  );
}

function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/?#]+)/i.exec(url)?.[1]?.replace(/^.*@/, '') ?? 'the server';
}
