import { describe, expect, it } from 'vitest';
import { formatHubAddress, HUB_BASE, type HubAddress, parseHubAddress } from './hub-address.ts';

const at = (id: string, revision = 'main', path?: string): HubAddress => ({
  base: HUB_BASE,
  id,
  revision,
  ...(path && { path }),
});

describe('an address of a repo', () => {
  it.each<[string, HubAddress]>([
    ['openai-community/gpt2', at('openai-community/gpt2')],
    ['gpt2', at('gpt2')],
    [' gpt2 ', at('gpt2')],
    ['gpt2@v1.0', at('gpt2', 'v1.0')],
    ['org/name@refs/pr/12', at('org/name', 'refs/pr/12')],
    ['org/name/sub/model.safetensors', at('org/name', 'main', 'sub/model.safetensors')],
    ['hf://org/name', at('org/name')],
    ['hf://org/name@dev/a/b.bin', at('org/name', 'dev', 'a/b.bin')],
    ['hf://org/name@refs%2Fpr%2F1/x.bin', at('org/name', 'refs/pr/1', 'x.bin')],
    ['hf://org/name@feature%2Fone', at('org/name', 'feature/one')],
    ['https://huggingface.co/gpt2', at('gpt2')],
    ['https://hf.co/org/name/', at('org/name')],
    ['https://huggingface.co/org/name/tree/main', at('org/name')],
    ['https://huggingface.co/org/name/tree/refs%2Fpr%2F7/unet', at('org/name', 'refs/pr/7', 'unet')],
    ['https://huggingface.co/gpt2/tree/dev', at('gpt2', 'dev')],
    ['https://huggingface.co/org/name/blob/main/a%20b.safetensors?x=1#L2', at('org/name', 'main', 'a b.safetensors')],
    ['https://huggingface.co/org/name/resolve/0123abc/m.bin?download=true', at('org/name', '0123abc', 'm.bin')],
    ['https://huggingface.co/org/name/discussions/3', at('org/name')],
  ])('%s', (text, wanted) => expect(parseHubAddress(text)).toEqual(wanted));

  it.each([
    'https://example.org/org/name',
    'https://huggingface.co/docs/hub/index',
    'https://huggingface.co/',
    'two words',
    '../etc/passwd',
    'a/../b',
    'org/na--me',
    'C:\\models\\x.bin',
    'https://huggingface.co.example.org/org/name',
    '',
  ])('%s is none', (text) => expect(parseHubAddress(text)).toBeUndefined());

  it.each([
    'datasets/squad',
    'hf://datasets/org/name',
    'https://huggingface.co/datasets/squad',
    'https://huggingface.co/spaces/org/app',
  ])('%s is refused with a sentence', (text) => expect(() => parseHubAddress(text)).toThrow(/not a model/));

  it('that names nothing after hf:// is refused', () =>
    expect(() => parseHubAddress('hf://')).toThrow(/names no repo/));

  it('on another hub is known by that hub', () => {
    const base = 'http://127.0.0.1:8000/mirror';
    expect(parseHubAddress(`${base}/org/name/tree/dev`, `${base}/`)).toEqual({ ...at('org/name', 'dev'), base });
    expect(parseHubAddress('org/name', base)).toEqual({ ...at('org/name'), base });
    // An address says itself where it leads.
    expect(parseHubAddress('https://huggingface.co/org/name', base)).toEqual(at('org/name'));
  });

  it.each([at('gpt2'), at('o/n', 'refs/pr/1'), at('o/n', 'a/b', 'x y/#1%.bin'), at('o/n', 'main', 'm.bin')])(
    'is read again as it was written: %o',
    (address) => expect(parseHubAddress(formatHubAddress(address))).toEqual(address),
  );
});
