import type { GlobalUse } from '../../bytes/pickle/global-table.ts';
import { modernName } from '../../bytes/pickle/python-names.ts';
import type { PickleGlobal } from '../state-dict.ts';
import { isAllowed } from './allowed-globals.ts';

/**
 * What naming a global means for somebody who would really load the file. Nothing is loaded here; the rating says how far the
 * file can be trusted elsewhere. A name that is on no list is `unknown`: most are a project's own classes.
 */

/** Modules whose functions run programs, reach files and networks, or load code. With everything below them. */
const CODE_MODULES: readonly string[] = [
  ...'os posix nt sys subprocess runpy importlib imp zipimport pkgutil pty socket socketserver shutil webbrowser'.split(
    ' ',
  ),
  ...'ctypes cffi code codeop pdb bdb trace timeit cProfile profile commands platform signal gc atexit inspect'.split(
    ' ',
  ),
  ...'asyncio multiprocessing threading _thread concurrent sched tempfile glob fileinput io _io pathlib._local'.split(
    ' ',
  ),
  ...'urllib urllib2 httplib http ftplib smtplib telnetlib poplib imaplib nntplib ssl requests httpx aiohttp'.split(
    ' ',
  ),
  ...'pickle _pickle cPickle dill cloudpickle joblib marshal shelve pip setuptools distutils ensurepip venv site'.split(
    ' ',
  ),
  ...'doctest unittest test antigravity idlelib lib2to3 pydoc linecache tracemalloc logging.config'.split(' '),
  ...'numpy.testing numpy.f2py numpy.distutils numpy.lib.npyio numpy.ctypeslib'.split(' '),
  ...'torch.hub torch.jit torch.package torch.utils.cpp_extension torch._inductor torch._dynamo torch.fx torch.testing'.split(
    ' ',
  ),
  ...'torch.distributed.rpc torch.distributed.elastic torch.distributed.run torch.utils.bottleneck torch.utils.model_zoo'.split(
    ' ',
  ),
];
const CODE_NAMES: ReadonlySet<string> = new Set([
  ...'eval exec execfile compile getattr setattr delattr hasattr __import__ open file input raw_input breakpoint apply'
    .split(' ')
    .concat('globals locals vars dir help map filter reload exit quit print memoryview'.split(' '))
    .map((name) => `builtins.${name}`),
  ...'attrgetter itemgetter methodcaller call'.split(' ').flatMap((name) => [`operator.${name}`, `_operator.${name}`]),
  ...'functools.partial functools.reduce _functools.partial _functools.reduce functools.partialmethod'.split(' '),
  ...'types.FunctionType types.CodeType types.LambdaType types.MethodType types.ModuleType'.split(' '),
  ...'torch.load torch.save torch.storage._load_from_bytes torch.serialization.load numpy.load numpy.loadtxt numpy.fromfile'.split(
    ' ',
  ),
  ...'numpy.core.memmap.memmap numpy.memmap pandas.read_pickle pandas.eval pandas.io.pickle.read_pickle'.split(' '),
  ...'copyreg.add_extension collections.namedtuple enum._make_class_unpicklable codecs.open _codecs.lookup'.split(' '),
]);

/** Known classes and functions that hold values and do nothing else. */
const DATA_NAMES: ReadonlySet<string> = new Set([
  ...'object int float bool str bytes list dict tuple frozenset range slice type NoneType Ellipsis NotImplemented'
    .split(' ')
    .map((name) => `builtins.${name}`),
  ...'collections.defaultdict collections.deque collections.UserDict collections.UserList collections.ChainMap'.split(
    ' ',
  ),
  ...'copyreg._reconstructor copyreg.__newobj__ copyreg.__newobj_ex__ argparse.Namespace types.SimpleNamespace'.split(
    ' ',
  ),
  ...'decimal.Decimal fractions.Fraction uuid.UUID ipaddress.IPv4Address ipaddress.IPv6Address random.Random'.split(
    ' ',
  ),
  ...'numpy.ndarray numpy.dtype numpy.core.multiarray._reconstruct numpy.core.multiarray.scalar'.split(' '),
  ...'numpy._core.multiarray._reconstruct numpy._core.multiarray.scalar numpy.core.numeric._frombuffer'.split(' '),
  ...'numpy._core.numeric._frombuffer numpy.ma.core._mareconstruct'.split(' '),
  ...'torch._utils._rebuild_xla_tensor torch._tensor._rebuild_from_type torch.tensor._rebuild_from_type'.split(' '),
  ...'torch._utils._rebuild_device_tensor_from_numpy torch.layout torch.dtype torch.memory_format torch.strided'.split(
    ' ',
  ),
  ...'torch.serialization._get_dtype torch.nn.parameter.Buffer torch.nn.parameter.UninitializedParameter'.split(' '),
  ...'torch.channels_last torch.channels_last_3d torch.contiguous_format torch.preserve_format torch.Generator'.split(
    ' ',
  ),
  ...'torch.jit._pickle.build_intlist torch.jit._pickle.build_tensorlist torch.jit._pickle.build_doublelist'.split(' '),
  ...'torch.jit._pickle.build_boollist torch.jit._pickle.build_tensor_from_id torch.jit._pickle.restore_type_tag'.split(
    ' ',
  ),
]);
/** Modules of which everything holds values: torch's own layers and optimisers, dates, configuration trees. */
const DATA_MODULES: readonly string[] = [
  ...'datetime pathlib torch.nn.modules torch.nn.parameter torch.optim torch.ao.nn torch.nn.quantized'.split(' '),
  ...'torch.distributed._tensor torch.distributed.tensor torch.distributed.device_mesh torchao.quantization'.split(' '),
  ...'omegaconf antlr4 numpy.random numpy.dtypes lightning.fabric.utilities.data lightning_fabric.utilities.data'.split(
    ' ',
  ),
];

export function rateGlobal(module: string, name: string): PickleGlobal['risk'] {
  const modern = modernName(module, name);
  const whole = `${modern.module}.${modern.name}`;
  // A dotted name reaches through what it names: `torch` `hub.load`. Python itself writes `torch._utils` `torch.channels_last`.
  if (name.includes('.')) return DATA_NAMES.has(name) ? 'data' : 'code';
  if (isAllowed(whole)) return 'safe';
  if (DATA_NAMES.has(whole)) return 'data';
  if (CODE_NAMES.has(whole) || isUnder(whole, CODE_MODULES)) return 'code';
  if (module.startsWith('__torch__')) return 'data';
  if (isUnder(modern.module, DATA_MODULES)) return 'data';
  if (modern.module === 'numpy' && /^(bool_?|u?int\d+|float\d+|complex\d+|str_|bytes_)$/.test(modern.name))
    return 'data';
  return 'unknown';
}

const isUnder = (name: string, modules: readonly string[]): boolean =>
  modules.some((module) => name === module || name.startsWith(`${module}.`));

/** The names of several pickles of one file, rated, in order of first mention. */
export function rateGlobals(uses: readonly GlobalUse[]): PickleGlobal[] {
  const found = new Map<string, PickleGlobal>();
  for (const use of uses) {
    const { module, name } = use.node;
    const key = `${module}\n${name}`;
    const before = found.get(key);
    found.set(key, {
      module,
      name,
      risk: before?.risk ?? rateGlobal(module, name),
      uses: (before?.uses ?? 0) + Math.max(use.mentions, use.calls),
      at: before?.at ?? use.at,
      called: (before?.called ?? false) || use.calls > 0,
    });
  }
  return [...found.values()];
}
