/** Names of Python 2 and what Python 3 and torch's own loader read for them: `NAME_MAPPING`, `IMPORT_MAPPING` of `_compat_pickle`. */
const NAME_MAPPING: Readonly<Record<string, string>> = {
  '__builtin__.xrange': 'builtins.range',
  '__builtin__.reduce': 'functools.reduce',
  '__builtin__.intern': 'sys.intern',
  '__builtin__.unichr': 'builtins.chr',
  '__builtin__.unicode': 'builtins.str',
  '__builtin__.long': 'builtins.int',
  '__builtin__.basestring': 'builtins.str',
  'itertools.izip': 'builtins.zip',
  'itertools.imap': 'builtins.map',
  'itertools.ifilter': 'builtins.filter',
  'itertools.ifilterfalse': 'itertools.filterfalse',
  'itertools.izip_longest': 'itertools.zip_longest',
  'UserDict.IterableUserDict': 'collections.UserDict',
  'UserDict.UserDict': 'collections.UserDict',
  'UserList.UserList': 'collections.UserList',
  'UserString.UserString': 'collections.UserString',
  'exceptions.StandardError': 'builtins.Exception',
};
const IMPORT_MAPPING: Readonly<Record<string, string>> = {
  __builtin__: 'builtins',
  copy_reg: 'copyreg',
  Queue: 'queue',
  repr: 'reprlib',
  _abcoll: 'collections.abc',
  UserDict: 'collections',
  UserList: 'collections',
  UserString: 'collections',
  whichdb: 'dbm',
  StringIO: 'io',
  cStringIO: 'io',
};

/** Module and name as Python 3 has them. */
export function modernName(module: string, name: string): { module: string; name: string } {
  const whole = `${module}.${name}`;
  if (Object.hasOwn(NAME_MAPPING, whole)) {
    const mapped = NAME_MAPPING[whole]!;
    const dot = mapped.lastIndexOf('.');
    return { module: mapped.slice(0, dot), name: mapped.slice(dot + 1) };
  }
  return { module: Object.hasOwn(IMPORT_MAPPING, module) ? IMPORT_MAPPING[module]! : module, name };
}

/** The same, joined: `builtins.set`. */
export function globalName(module: string, name: string): string {
  const modern = modernName(module, name);
  return `${modern.module}.${modern.name}`;
}
