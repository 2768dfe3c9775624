// @vitest-environment happy-dom
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createEngine } from '../engine/engine.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { engine, replaceEngine } from '../state/engine.ts';
import { addExplorer } from '../state/explorer.ts';
import { VIEWS } from './registry.ts';
import type { Target } from './view.ts';

const EXAMPLES = join(import.meta.dirname, '../../public/examples');
/** One of each kind of content: tensors, prompts with a typed value, nested examples. */
const FILES = ['digits-final.safetensors', 'digits-final.pt', 'support-desk-after.toml', 'rag-program.json'];

const targets: (readonly [name: string, target: Target])[] = [];
let root: Root | undefined;

beforeAll(async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  replaceEngine(createEngine());
  for (const name of FILES) {
    const bytes = new Uint8Array(await readFile(join(EXAMPLES, name)));
    const { documents } = await engine().open({ files: [{ path: name, handle: { kind: 'buffer', bytes, name } }] });
    const document = documents[0] as OpenedDocument;
    addExplorer(document);
    for (let node = 0; node < document.tree.count; node++) targets.push([`${name} node ${node}`, { document, node }]);
  }
});

afterEach(async () => {
  await act(async () => root?.unmount());
  root = undefined;
  document.body.replaceChildren();
});

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
    const views = VIEWS.filter((view) => view.place === 'main' && view.supports(target));
    expect(views.length, name).toBeGreaterThan(0);
  }
});

describe.each(VIEWS.map((view) => [view.id, view] as const))('%s', (_, view) => {
  test('draws something for a first target it supports in each file, and lets go of it', async () => {
    for (const file of FILES) {
      const found = targets.find(([name, target]) => name.startsWith(file) && view.supports(target));
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
    for (const view of VIEWS.filter((candidate) => candidate.supports({ document, node }))) {
      const host = await draw(view, { document, node });
      expect(host.querySelector('img, script, mark'), `${view.id} of node ${node}`).toBeNull();
      await act(async () => root?.unmount());
    }
  }
});
