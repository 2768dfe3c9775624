/** A server's own words in an error are cut here: they are headers of a few lines at most. */
const MOST_WORDS = 200;

/**
 * What a model hub means by a refusal: `X-Error-Code` and `X-Error-Message`, which huggingface.co exposes to other origins.
 * Undefined when it says nothing. A 401 is also its answer for what does not exist, so that nobody can probe for private repos.
 */
export function wordHubRefusal(
  status: number,
  headers: Headers,
  host: string,
): readonly [detail: string, advice: string] | undefined {
  const message = headers.get('x-error-message')?.trim().slice(0, MOST_WORDS);
  switch (headers.get('x-error-code')) {
    case 'GatedRepo':
      return status === 401
        ? [
            `this repo is gated: ${host} gives its files to accounts that accepted its licence (401)`,
            `Accept the licence on its page at ${host}, then give an access token of that account`,
          ]
        : [
            `this repo is gated, and the account of this access token has no leave yet (${status})`,
            `Accept the licence on its page at ${host} with that account; some authors grant access by hand`,
          ];
    case 'RepoNotFound':
      return [
        `${host} has no such repo, or keeps it private (${status})`,
        'Check the name, or give an access token that may read it',
      ];
    case 'RevisionNotFound':
      return [`the repo has no such revision (${status})`, 'Check the branch, tag or commit'];
    case 'EntryNotFound':
      return [`the repo has no such file at this revision (${status})`, 'Check the path and the revision'];
    default:
      if (!message) return undefined;
      return /credentials|token/i.test(message)
        ? [`${host} does not accept the access token: ${message} (${status})`, 'Check the token']
        : [`${host} says: ${message} (${status})`, 'Check the address, or see the page of the repo'];
  }
}
