import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const CORE = ['src-core/base', 'src-core/bytes', 'src-core/tensor', 'src-core/model'];

/** Who may import whom, bottom up. A folder may always import itself. Nothing else is allowed. */
const LAYERS: Record<string, readonly string[]> = {
  'src-core/base': [],
  'src-core/bytes': ['src-core/base'],
  'src-core/tensor': ['src-core/base', 'src-core/bytes'],
  'src-core/model': ['src-core/base', 'src-core/bytes', 'src-core/tensor'],
  // siblings: they meet only in session
  'src-core/formats': CORE,
  'src-core/ops': CORE,
  'src-core/load': CORE,
  'src-core/diff': CORE,
  'src-core/compute': CORE,
  'src-core/graph': CORE,
  'src-core/template': CORE,
  'src-core/tokens': CORE,
  'src-core/session': ['src-core/*'],
  'src-core/index.ts': ['src-core/*'],
  'src-core/node.ts': ['src-core/*'],
  cli: ['src-core/index.ts', 'src-core/node.ts'],

  'app/ui': [],
  'app/engine': ['src-core/index.ts'],
  'app/state': ['app/engine', 'src-core/index.ts'],
  'app/views': ['app/ui', 'app/state', 'src-core/index.ts'],
  'app/shell': ['app/ui', 'app/state', 'app/views', 'src-core/index.ts'],
  'app/main.tsx': ['app/shell', 'app/ui'],
};

/** `app/ui` draws plain data: it may name the core's types, and nothing that runs. */
const TYPES_ONLY: Record<string, string> = { 'app/ui': 'src-core/index.ts' };

/** Sub-folders of these never see each other, nor the registry that lists them. */
const ISLANDS = ['src-core/formats', 'src-core/graph', 'src-core/ops', 'app/views'];

/** One door per package. Everyone else gets it through that file. */
const DOORS: Record<string, readonly string[]> = {
  'onnxruntime-web': ['app/engine/ort.ts', 'cli/ort.ts'],
  'monaco-editor': ['app/ui/CodeEditor.tsx', 'app/ui/DiffEditor.tsx', 'app/ui/monaco.ts'],
  '@tanstack/react-table': ['app/ui/DataTable.tsx', 'app/ui/TreeGrid.tsx'],
  zustand: ['app/state/'],
  idb: ['app/state/'],
  fflate: ['src-core/bytes/inflate.ts'],
  fzstd: ['src-core/bytes/unzstd.ts'],
  '@decimalturn/toml-patch': ['src-core/formats/text/'],
  'jsonc-parser': ['src-core/formats/text/'],
  yaml: ['src-core/formats/text/yaml-parse.ts'],
  '@huggingface/jinja': ['src-core/template/jinja.ts'],
  '@huggingface/tokenizers': ['src-core/tokens/tokenizer-json.ts'],
  cac: ['cli/main.ts'],
};
/** Widgets, icons and panes: the drawing layers only. */
const UI_PACKAGES = [
  'radix-ui',
  'lucide-react',
  'cmdk',
  'react-resizable-panels',
  '@tanstack/react-virtual',
  '@fontsource-variable/',
];

const ROOT = import.meta.dirname;
const SPEC =
  /(\bimport\s+type\b[^'"]*?|\bexport\s+type\b[^'"]*?)?(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+|\bnew URL\(\s*)['"]([^'"]+)['"]/g;

const sources = ['src-core', 'app', 'cli'].flatMap((dir) =>
  readdirSync(join(ROOT, dir), { withFileTypes: true, recursive: true })
    .filter(
      (e) =>
        e.isFile() && /\.tsx?$/.test(e.name) && !/\.(test|fixture)\.tsx?$/.test(e.name) && !/\.d\.ts$/.test(e.name),
    )
    .map((e) => relative(ROOT, join(e.parentPath, e.name))),
);
const layerOf = (file: string) => (file.startsWith('cli/') ? 'cli' : file.split('/').slice(0, 2).join('/'));
const islandOf = (file: string) => (file.split('/').length > 3 ? file.split('/')[2] : undefined);
const allows = (rules: readonly string[], layer: string) =>
  rules.some((rule) => rule === layer || (rule.endsWith('/*') && layer.startsWith(rule.slice(0, -1))));

function resolveSpec(from: string, spec: string): string {
  const bare = resolve(ROOT, dirname(from), spec.replace(/\?.*$/, ''));
  const hit = [bare, `${bare}.ts`, `${bare}.tsx`, join(bare, 'index.ts'), join(bare, 'index.tsx')].find(
    (path) => existsSync(path) && statSync(path).isFile(),
  );
  return relative(ROOT, hit ?? bare);
}

function complainAboutPackage(from: string, spec: string): string | undefined {
  const doors = Object.entries(DOORS).find(([name]) => spec === name || spec.startsWith(`${name}/`))?.[1];
  if (doors)
    return doors.some((door) => from.startsWith(door)) ? undefined : `${from}: ${spec} enters by ${doors.join(' or ')}`;
  if (from.startsWith('src-core/')) {
    return spec.startsWith('node:') && isNodeDoor(from) ? undefined : `${from}: src-core takes no packages (${spec})`;
  }
  if (UI_PACKAGES.some((name) => spec === name || spec.startsWith(name))) {
    return /^app\/(ui|shell|main)/.test(from) ? undefined : `${from}: ${spec} belongs to app/ui and app/shell`;
  }
  return undefined;
}
const isNodeDoor = (file: string) => file === 'src-core/bytes/node.ts' || file === 'src-core/node.ts';

function complain(from: string, spec: string, typesOnly: boolean): string | undefined {
  if (!spec.startsWith('.')) return complainAboutPackage(from, spec);
  const to = resolveSpec(from, spec);
  const [a, b] = [layerOf(from), layerOf(to)];
  if (!(a in LAYERS)) return `${from}: no layer for ${a}; add it to the table`;
  if (to === 'src-core/bytes/node.ts' && !isNodeDoor(from))
    return `${from}: what needs Node enters by src-core/node.ts`;
  if (a !== b) {
    const asType = typesOnly && TYPES_ONLY[a] === to;
    return allows(LAYERS[a] ?? [], b) || asType ? undefined : `${from} -> ${to}`;
  }
  if (!ISLANDS.includes(a) || !islandOf(from)) return undefined;
  if (/\/registry\.tsx?$/.test(to)) return `${from} -> ${to}: only the layer above reads the registry`;
  return islandOf(to) && islandOf(to) !== islandOf(from) ? `${from} -> ${to}: islands` : undefined;
}

test('imports point one way', () => {
  const complaints = sources.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(SPEC)]
      .map((match) => complain(file, match[2] ?? '', match[1] !== undefined))
      .filter((complaint) => complaint !== undefined),
  );
  expect(complaints).toEqual([]);
});

test('the table complains about what it should', () => {
  expect(complain('src-core/base/errors.ts', '../bytes/source.ts', false)).toContain('->');
  expect(complain('src-core/formats/text/read.ts', '../pytorch/read.ts', false)).toContain('islands');
  expect(complain('src-core/formats/text/read.ts', '../registry.ts', false)).toContain('registry');
  expect(complain('src-core/session/open.ts', '../bytes/node.ts', false)).toContain('node.ts');
  expect(complain('app/views/info/Info.tsx', 'zustand', false)).toContain('enters by');
  expect(complain('app/ui/Badge.tsx', '../../src-core/index.ts', false)).toContain('->');
  expect(complain('app/ui/Badge.tsx', '../../src-core/index.ts', true)).toBeUndefined();
});
