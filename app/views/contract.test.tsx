// @vitest-environment happy-dom
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createEngine } from '../engine/engine.ts';
import { comparisonOf, startComparing, useCompare } from '../state/compare.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { engine, replaceEngine } from '../state/engine.ts';
import { addExplorer } from '../state/explorer.ts';
import { useWorkspace } from '../state/workspace.ts';
import { mainViews, VIEWS } from './registry.ts';
import { isPair, type Target, type ViewDef } from './view.ts';

const EXAMPLES = join(import.meta.dirname, '../../public/examples');
/** One of each kind of content: tensors, prompts with a typed value, nested examples. */
const FILES = [
  'digits-final.safetensors',
  'digits-final.pt',
  'support-desk-after.toml',
  'support-desk-before.toml',
  'rag-program.json',
];
/** With a tokenizer and a chat template in its metadata. */
const CHAT = join(import.meta.dirname, '../../src-core/fixtures/gguf/chat.gguf');

const PAIRS = [
  ['digits-final.safetensors', 'digits-final.pt'],
  ['support-desk-after.toml', 'support-desk-before.toml'],
] as const;

const targets: (readonly [name: string, target: Target])[] = [];
let root: Root | undefined;

beforeAll(async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  replaceEngine(createEngine());
  for (const path of [...FILES.map((name) => join(EXAMPLES, name)), CHAT]) {
    const name = basename(path);
    const bytes = new Uint8Array(await readFile(path));
    const { documents } = await engine().open({ files: [{ path: name, handle: { kind: 'buffer', bytes, name } }] });
    const document = documents[0] as OpenedDocument;
    addExplorer(document);
    for (let node = 0; node < document.tree.count; node++) targets.push([`${name} node ${node}`, { document, node }]);
  }
  for (const [a, b] of PAIRS) await addPairs(a, b);
});

/** Every node of a comparison, too. */
async function addPairs(a: string, b: string): Promise<void> {
  const [left, right] = [a, b].map((name) => documentOf(name));
  if (!left || !right) throw new Error(`${a} and ${b} are not open`);
  useWorkspace.setState({ documents: [left, right], active: left.id });
  await startComparing({ a: left.id, b: right.id });
  const document = comparisonOf();
  if (!document) throw new Error(`${a} and ${b} are not compared`);
  for (let node = 0; node < document.tree.count; node++) {
    targets.push([`${a} with ${b} node ${node}`, { document, node }]);
  }
  // The next pair would let go of it, and its views are drawn later.
  useCompare.setState({ comparison: null });
}

const documentOf = (name: string): OpenedDocument | undefined =>
  targets.find(([title]) => title.startsWith(`${name} node`))?.[1].document;

afterEach(async () => {
  await act(async () => root?.unmount());
  root = undefined;
  document.body.replaceChildren();
});

const isFor = (view: ViewDef, target: Target): boolean =>
  (view.place === 'side' || (view.compares === true) === isPair(target)) && view.supports(target);

async function draw(view: (typeof VIEWS)[number], target: Target): Promise<HTMLElement> {
  const { default: View } = await view.load();
  const host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  await act(async () => root?.render(<View target={target} />));
  // Data comes from the engine a few microtasks later.
  await act(async () => new Promise((resolve) => setTimeout(resolve, 0)));
  return host;
}

test('ids are distinct, and every target has a view', () => {
  expect(new Set(VIEWS.map((view) => view.id)).size).toBe(VIEWS.length);
  expect(targets.length).toBeGreaterThan(50);
  for (const [name, target] of targets) {
    expect(mainViews(target).length, name).toBeGreaterThan(0);
  }
});

describe.each(VIEWS.map((view) => [view.id, view] as const))('%s', (_, view) => {
  test('draws something for a first target it supports in each file, and lets go of it', async () => {
    for (const file of [...FILES, ...PAIRS.map(([a, b]) => `${a} with ${b}`)]) {
      const found = targets.find(([name, target]) => name.startsWith(`${file} node`) && isFor(view, target));
      if (!found) continue;
      const host = await draw(view, found[1]);
      expect(host.textContent?.trim(), found[0]).not.toBe('');
      await act(async () => root?.unmount());
      expect(host.childElementCount).toBe(0);
    }
  });
});

test('text from a file stays text', async () => {
  const name = 'evil.json';
  const text = '{"a.<img src=x onerror=alert(1)>": "<script>alert(1)</script>", "a.b": [{"x": "<mark>bold</mark>"}]}';
  const bytes = new TextEncoder().encode(text);
  const { documents } = await engine().open({ files: [{ path: name, handle: { kind: 'buffer', bytes, name } }] });
  const document = documents[0] as OpenedDocument;
  addExplorer(document);
  for (let node = 0; node < document.tree.count; node++) {
    for (const view of VIEWS.filter((candidate) => isFor(candidate, { document, node }))) {
      const host = await draw(view, { document, node });
      expect(host.querySelector('img, script, mark'), `${view.id} of node ${node}`).toBeNull();
      await act(async () => root?.unmount());
    }
  }
});
