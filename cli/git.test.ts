import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from './stateglass.fixture.ts';

const temporary = temporaryFolder();
const example = (name: string) => join(ROOT, 'public/examples', name);

/** Commands as a person types them after reading the page, in a shell of the repository. */
function shell(command: string): Promise<string> {
  const env = {
    ...process.env,
    PATH: `${temporary('bin')}${delimiter}${process.env.PATH}`,
    HOME: temporary(),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_PAGER: 'cat',
  };
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', command], { cwd: temporary('repository'), env }, (error, out, err) => {
      if (error) reject(new Error(`${command}\n${out}${err}`));
      else resolve(out);
    });
  });
}

/** The first command in the page that begins so. */
async function recipe(start: string): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/git.md'), 'utf8');
  const line = page.split('\n').find((text) => text.startsWith(start));
  if (!line) throw new Error(`docs/git.md has no "${start}"`);
  return line;
}

beforeAll(async () => {
  await mkdir(temporary('bin'));
  await mkdir(temporary('repository'));
  await writeFile(temporary('bin/stateglass'), `#!/bin/sh\nexec node "${join(ROOT, 'tools/cli.mjs')}" "$@"\n`);
  await chmod(temporary('bin/stateglass'), 0o755);
  const put = (name: string, as: string) => copyFile(example(name), temporary(`repository/${as}`));
  await shell('git init -q . && git config user.name a && git config user.email a@b.c');
  await writeFile(temporary('repository/.gitattributes'), '*.safetensors diff=stateglass\n*.pt diff=stateglass\n');
  await put('digits-epoch1.safetensors', 'model.safetensors');
  await shell('git add . && git commit -qm first');
  await put('digits-final.safetensors', 'model.safetensors');
  await put('digits-final.pt', 'new.pt');
  await shell('git add . && git commit -qm second');
});

test('git diff says what changed, of new files too', async () => {
  await shell(await recipe('git config diff.stateglass.command'));
  const out = await shell('git diff HEAD~1');
  expect(out).toContain('18 tensors: 18 changed');
  expect(out).toMatch(/~ features\.0\.weight {2}f32 \[32, 1, 3, 3\], max\|Δ\| 0\.\d+/);
  expect(out).toContain('18 tensors: 18 added');
  await shell('git config --unset diff.stateglass.command');
});

test('for one command without configuration', async () => {
  const command = (await recipe('GIT_EXTERNAL_DIFF=')).replace('HEAD~1', 'HEAD~1 HEAD');
  expect(await shell(command)).toContain('18 tensors, no difference of names, types and shapes');
});

test('textconv makes lines that git compares', async () => {
  await shell(await recipe('git config diff.stateglass.textconv'));
  const out = await shell('git show HEAD -- model.safetensors');
  expect(out).toMatch(/^-f32 +32×1×3×3 .*features\.0\.weight$/m);
  expect(out).toMatch(/^\+f32 +32×1×3×3 .*features\.0\.weight$/m);
});

test('git difftool', async () => {
  await shell(await recipe('git config difftool.stateglass.cmd'));
  const out = await shell((await recipe('git difftool')).replace('HEAD~1', 'HEAD~1 HEAD'));
  expect(out).toContain('18 tensors: 18 changed');
});
