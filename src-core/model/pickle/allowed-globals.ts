/**
 * What `torch.load(weights_only=True)` takes without being told to: `_get_allowed_globals()` of
 * `torch/_weights_only_unpickler.py`, and the few that `import torch` itself adds with `add_safe_globals`.
 */
export const JUDGED_BY = 'torch 2.13.0';

const TENSOR_KINDS = 'BFloat16 Bool Byte Char Double Float Half Int Long Short'.split(' ');
const COMPLEX_KINDS = ['ComplexDouble', 'ComplexFloat'];
const QUANT_KINDS = 'QInt32 QInt8 QUInt2x4 QUInt4x2 QUInt8'.split(' ');
const SPARSE_KINDS = TENSOR_KINDS.filter((kind) => kind !== 'Bool');
const named = (module: string, names: readonly string[]): string[] => names.map((name) => `${module}.${name}`);
const each = (kinds: readonly string[], suffix: string): string[] => kinds.map((kind) => `${kind}${suffix}`);
const smallInts = [1, 2, 3, 4, 5, 6, 7].flatMap((bits) => [`int${bits}`, `uint${bits}`]);

/** Called by REDUCE. The value is the Python type that comes out, where a later opcode may ask for it. */
const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['_codecs.encode', 'bytes'],
  ['torch.serialization._get_layout', 'layout'],
  ['torch._tensor._rebuild_from_type_v2', 'Tensor'],
  ['torch._utils._rebuild_parameter', 'Parameter'],
  ['torch._utils._rebuild_parameter_with_state', 'Parameter'],
  ...named('torch._utils', [
    '_rebuild_device_tensor_from_cpu_tensor',
    '_rebuild_device_tensor_from_numpy',
    '_rebuild_meta_tensor_no_storage',
    '_rebuild_nested_tensor',
    '_rebuild_qtensor',
    '_rebuild_sparse_tensor',
    '_rebuild_tensor',
    '_rebuild_tensor_v2',
    '_rebuild_tensor_v3',
    '_rebuild_wrapper_subclass',
  ]).map((name): [string, string] => [name, 'Tensor']),
  ['torch.nested._internal.nested_tensor._rebuild_njt', 'NestedTensor'],
]);

/** Classes: REDUCE calls them, NEWOBJ makes them, BUILD may fill what they made. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['builtins.bytearray', 'bytearray'],
  ['builtins.complex', 'complex'],
  ['builtins.set', 'set'],
  ['collections.Counter', 'Counter'],
  ['collections.OrderedDict', 'OrderedDict'],
  ['torch.Size', 'Size'],
  ['torch.Tensor', 'Tensor'],
  ['torch.device', 'device'],
  ['torch.nn.parameter.Parameter', 'Parameter'],
  ['torch.storage.TypedStorage', 'TypedStorage'],
  ['torch.storage.UntypedStorage', 'UntypedStorage'],
  ['torch.distributed._mesh_layout._FlatLayout', '_FlatLayout'],
  ['torch.distributed._mesh_layout._MeshLayout', '_MeshLayout'],
  ['torch.nested._internal.nested_tensor.NestedTensor', 'NestedTensor'],
  ...[
    ...named('torch', each(TENSOR_KINDS, 'Tensor')),
    ...named('torch.cuda', each(TENSOR_KINDS, 'Tensor')),
    ...named('torch.sparse', each(SPARSE_KINDS, 'Tensor')),
    ...named('torch.cuda.sparse', each(SPARSE_KINDS, 'Tensor')),
  ].map((name): [string, string] => [name, 'Tensor']),
]);

/** Values: naming them is fine, calling them fails. */
const VALUES: readonly string[] = [
  ...named('torch', each([...TENSOR_KINDS, ...COMPLEX_KINDS, ...QUANT_KINDS], 'Storage')),
  ...named('torch.cuda', each([...TENSOR_KINDS, ...COMPLEX_KINDS], 'Storage')),
  ...named('torch', [
    ...'bool uint8 int8 uint16 int16 uint32 int32 uint64 int64 float16 bfloat16 float32 float64'.split(' '),
    ...'float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu float4_e2m1fn_x2'.split(' '),
    ...'complex32 complex64 complex128 qint8 quint8 qint32 quint4x2 quint2x4'.split(' '),
    ...'bits8 bits16 bits1x8 bits2x4 bits4x2'.split(' '),
    ...smallInts,
    ...'per_tensor_affine per_tensor_symmetric per_channel_affine per_channel_symmetric'.split(' '),
    'per_channel_affine_float_qparams',
  ]),
];

const ALLOWED: ReadonlySet<string> = new Set([...FUNCTIONS.keys(), ...CLASSES.keys(), ...VALUES]);

export const isAllowed = (fullName: string): boolean => ALLOWED.has(fullName);
/** All of them, for comparing with the library's own list. */
export const allowedGlobals = (): readonly string[] => [...ALLOWED];
/** The Python type that calling it gives, or undefined when it cannot be called. */
export const typeMadeBy = (fullName: string): string | undefined => FUNCTIONS.get(fullName) ?? CLASSES.get(fullName);
export const isAllowedClass = (fullName: string): boolean => CLASSES.has(fullName);
