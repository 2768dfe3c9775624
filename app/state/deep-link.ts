/** What the address bar holds: enough for a shared link to a URL, or a re-dropped file, to land in the same place. */
export interface DeepLink {
  /** The document's address, when it came from one: of a file, or `hf://org/name@revision` of a repo. */
  readonly url?: string;
  /** The document's name otherwise, and where one address gave several. */
  readonly document?: string;
  /** Address or name of the document it is compared with. */
  readonly other?: string;
  /** Address or name of the document that both come from. */
  readonly base?: string;
  /** Place of the selected node, as `pathText` writes it. */
  readonly key?: string;
  readonly view?: string;
  /** The part of a tensor that is shown, as NumPy writes it. */
  readonly slice?: string;
  readonly filter?: string;
  /** The one-time token with which `stateglass open` hands over the files it serves. */
  readonly open?: string;
}

const FIELDS = {
  url: 'url',
  document: 'doc',
  other: 'with',
  base: 'base',
  key: 'key',
  view: 'view',
  slice: 'slice',
  filter: 'filter',
  open: 'open',
} as const;

export function readLink(hash: string): DeepLink {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const link: Record<string, string> = {};
  for (const [field, name] of Object.entries(FIELDS)) {
    const value = params.get(name);
    if (value) link[field] = value;
  }
  // What health was called at first: links that were shared then still lead there.
  if (link.view === 'problems') link.view = 'health';
  return link;
}

/** The hash of a link, with its `#`; empty when the link says nothing. Slashes and colons stay readable. */
export function writeLink(link: DeepLink): string {
  const params = new URLSearchParams();
  for (const [field, name] of Object.entries(FIELDS)) {
    const value = link[field as keyof DeepLink];
    if (value) params.set(name, value);
  }
  const text = params.toString().replaceAll('%2F', '/').replaceAll('%3A', ':');
  return text ? `#${text}` : '';
}

/** The web address in a text, if that is what the text is: http and https only. */
export function webAddress(text: string): URL | undefined {
  const trimmed = text.trim();
  if (!/^https?:\/\/\S+$/i.test(trimmed)) return undefined;
  return URL.canParse(trimmed) ? new URL(trimmed) : undefined;
}
