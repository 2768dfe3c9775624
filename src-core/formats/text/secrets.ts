import type { JsonNode, Value } from '../../model/state-dict.ts';

/** Credentials with a shape of their own. Every repetition is bounded, so that no text makes a search slow. */
const SHAPES: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['an API key (sk-…)', /\bsk-(?=[A-Za-z_-]{0,200}[0-9])[A-Za-z0-9_-]{20,200}/],
  ['a Hugging Face token', /\bhf_[A-Za-z0-9]{30,100}\b/],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36,255}\b|\bgithub_pat_[A-Za-z0-9_]{60,255}\b/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a Google API key', /\bAIza[0-9A-Za-z_-]{35}/],
  ['a Slack token', /\bxox[abeoprs]-[0-9A-Za-z-]{10,250}/],
  ['a JSON web token', /\beyJ[A-Za-z0-9_-]{10,200}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,4000}/],
  ['an authorisation header', /^(?:Bearer|Basic|Token) [A-Za-z0-9+/=._~-]{16,4000}$/],
  ['a private key', /-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----/],
  ['a password in an address', /\b[a-z][a-z0-9+]{1,15}:\/\/[^\s/:@"']{1,100}:(?![${<*])[^\s/@"']{1,200}@[\w.-]/i],
];

/** One quick look that nearly every text fails. */
const MAYBE = /sk-|hf_|gh[pousr]_|github_pat_|AKIA|ASIA|AIza|xox|eyJ|^(?:Bearer|Basic|Token) |PRIVATE KEY|:\/\//;

/** Keys whose text is a credential whatever it looks like. `bos_token` and `max_tokens` are not among them. */
const KEY_NAMES =
  /(?:^|_)(?:api_?key|secret|secret_key|client_secret|password|passwd|access_token|auth_token|refresh_token|bearer_token|api_token|hf_token|private_key)$|^token$/;
/** What stands for a credential: `${KEY}`, `<your key>`, `EMPTY`, `os.environ[...]`, `OPENAI_API_KEY`. */
const PLACEHOLDER =
  /^(?:<.*|\$.*|\{.*|%.*|env[:.].*|os\.environ.*|[*x.\-_]+|empty|none|null|true|false|redacted|hidden|change-?me|dummy|test|example|placeholder|your[-_ ].*|sk-(?:x+|\.+|your.*)|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET|PASSWORD))$/i;

/** Texts longer than this are looked at in part: a search through megabytes of prompt would find prose. */
const MAX_TEXT = 2 ** 18;

/** What the value, or one inside it, looks like; undefined for nothing. `where` is the keys below the entry, joined by dots. */
export function findSecret(key: string, value: Value): { what: string; where: string } | undefined {
  if (value.type === 'text') {
    const what = judge(key, value.text);
    return what ? { what, where: '' } : undefined;
  }
  return value.type === 'json' ? findInside(key, value.json, '') : undefined;
}

function findInside(key: string, node: JsonNode, where: string): { what: string; where: string } | undefined {
  if (node.kind === 'string') {
    const what = judge(key, node.value);
    return what ? { what, where } : undefined;
  }
  if (node.kind === 'array') {
    for (const [i, item] of node.items.entries()) {
      const found = findInside(key, item, `${where}.${i}`);
      if (found) return found;
    }
  }
  if (node.kind === 'object') {
    for (const [name, item] of node.members) {
      const found = findInside(name, item, `${where}.${name}`);
      if (found) return found;
    }
  }
  return undefined;
}

function judge(key: string, text: string): string | undefined {
  if (text.length < 4 || text.length > MAX_TEXT * 16) return undefined;
  const look = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
  const shape = MAYBE.test(look) ? SHAPES.find(([, pattern]) => pattern.test(look)) : undefined;
  if (shape) return shape[0];
  const name = key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
  if (!KEY_NAMES.test(name) || /\s/.test(text) || PLACEHOLDER.test(text)) return undefined;
  // A bare `token` is a word of a vocabulary more often than a credential.
  if (name === 'token' && text.length < 16) return undefined;
  return `a credential (its name is "${key}")`;
}
