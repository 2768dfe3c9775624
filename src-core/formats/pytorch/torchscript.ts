import type { GlobalUse } from '../../bytes/pickle/global-table.ts';
import type { Zip } from '../../bytes/zip.ts';
import type { Role } from '../../model/state-dict.ts';

const MAX_FILES = 64;
const MAX_BYTES = 2 ** 20;
const decoder = new TextDecoder();

/**
 * What the code of a TorchScript archive says of each class: `__parameters__` and `__buffers__`. The code is read as text and
 * nothing else; classes past the cap keep no role.
 */
export async function readScriptRoles(
  zip: Zip,
  root: string,
  globals: readonly GlobalUse[],
  signal: AbortSignal | undefined,
): Promise<(className: string, attribute: string) => Role | undefined> {
  const modules = new Set(globals.map((use) => use.node.module).filter((module) => module.startsWith('__torch__')));
  const roles = new Map<string, Map<string, Role>>();
  for (const module of [...modules].slice(0, MAX_FILES)) {
    const member = zip.find(`${root}code/${module.replaceAll('.', '/')}.py`);
    if (!member || member.size > MAX_BYTES || member.encrypted || (member.method !== 0 && member.method !== 8))
      continue;
    const code = decoder.decode(await zip.read(member, { signal }));
    for (const [name, attributes] of readClasses(code)) roles.set(`${module}.${name}`, attributes);
  }
  return (className, attribute) => roles.get(className)?.get(attribute);
}

/** `class Name(Module):` followed by lists of quoted names. */
function readClasses(code: string): Map<string, Map<string, Role>> {
  const classes = new Map<string, Map<string, Role>>();
  let current = new Map<string, Role>();
  for (const line of code.split('\n')) {
    const start = /^class (\w+)\(/.exec(line);
    if (start) {
      current = new Map();
      classes.set(start[1]!, current);
    }
    const list = /^ {2}__(parameters|buffers)__ = \[(.*)\]/.exec(line);
    if (!list) continue;
    const role: Role = { role: list[1] === 'parameters' ? 'parameter' : 'buffer' };
    for (const name of list[2]!.matchAll(/"([^"]*)"/g)) current.set(name[1]!, role);
  }
  return classes;
}
