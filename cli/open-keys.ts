import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits: nobody guesses one. */
const makeKey = (): string => randomBytes(32).toString('base64url');

/**
 * Who may read: the token of the printed address opens once, and gives the page that used it a key of its own for this run. A
 * reload goes on with the key; an address that leaked is worth nothing after its first use, and who finds it used up knows.
 *
 * The key travels in a header and not in a cookie: cookies do not tell ports apart, so that every other server of this machine
 * would be sent it, and pages of theirs could use it.
 */
export class OpenKeys {
  #token = makeKey();
  #isUsed = false;
  readonly #session = makeKey();

  get token(): string {
    return this.#token;
  }

  /** Another one-time token, instead of the last. */
  renew(): string {
    this.#token = makeKey();
    this.#isUsed = false;
    return this.#token;
  }

  get session(): string {
    return this.#session;
  }

  /** Whether an Authorization header has the key of the page. */
  isSession(header: string | undefined): boolean {
    return isSame(keyOf(header), this.#session);
  }

  /** Takes the token of an Authorization header, if it is the token and nobody has used it. */
  redeem(header: string | undefined): 'first' | 'used' | 'unknown' {
    if (!isSame(keyOf(header), this.#token)) return 'unknown';
    if (this.#isUsed) return 'used';
    this.#isUsed = true;
    return 'first';
  }
}

const keyOf = (header: string | undefined): string => /^Bearer ([\w-]{1,100})$/.exec(header ?? '')?.[1] ?? '';

/** In a time that tells nothing of where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
