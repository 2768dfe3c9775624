import type { ErrorInfo } from '../base/errors.ts';

/**
 * What a file certainly is, when that is no model (`not-a-model`: no format need look at it) or a model of a format that is
 * known by sight only (`unsupported`: said when every format has declined). Undefined when the bytes settle nothing.
 * Judged by the first bytes (up to 4 KiB), the name and the size in bytes; nothing is opened.
 */
export function nameNotModel(head: Uint8Array, name: string, size: number): ErrorInfo | undefined {
  const not = (what: string, advice: string): ErrorInfo => ({ kind: 'not-a-model', file: name, what, advice });
  if (size === 0) return not('an empty file', 'Its download or copy may have failed: get it again');
  // A length of a few bytes may look like any of the short magic numbers below.
  if (looksLikeSafetensors(head)) return undefined;
  const text = textOf(head);
  if (text !== undefined) {
    const pointer = readPointer(text);
    if (pointer) return not(pointer, 'Run `git lfs pull` in its repository, or download the file itself');
    // A prompt may be about web pages, or be one.
    if (/^_CHECKPOINT_METADATA$|^_sharding$/.test(name))
      return not('a part of an Orbax checkpoint', 'Drop the whole folder that it lies in');
    const markup = PROSE.test(name) ? undefined : nameMarkup(text);
    if (markup) return not(...markup);
  } else {
    const binary = findMagic(BINARIES, head);
    if (binary) return not(binary[0], binary[3] ?? 'Drop a checkpoint or a state dict instead');
  }
  if (head.length > 4 && startsWith(head, '%PDF-'))
    return not('a PDF document', 'Drop a checkpoint or a state dict instead');
  const coming = nameComing(head, name, size);
  return coming && { kind: 'unsupported', file: name, ...coming };
}

/** What a file is that every format has declined: the best guess, else its first bytes. */
export function nameUnread(head: Uint8Array<ArrayBuffer>, name: string, size: number): ErrorInfo {
  const certain = nameNotModel(head, name, size);
  if (certain) return certain;
  const not = (what: string, advice: string): ErrorInfo => ({ kind: 'not-a-model', file: name, what, advice });
  if (startsWith(head, 'PK\x03\x04') || startsWith(head, 'PK\x05\x06'))
    return not('a zip archive without a model this program knows', UNPACK);
  if (startsWith(head, 'ustar', 257)) return not('a tar archive', 'Unpack it (`tar xf`) and drop what is inside');
  const text = textOf(head);
  if (text !== undefined) return not(...nameText(text, name));
  return { kind: 'unknown-format', file: name, head: head.slice(0, 64) };
}

const PROSE = /\.(?:txt|md|prompt|jinja|j2)$/i;

function looksLikeSafetensors(head: Uint8Array): boolean {
  return head[8] === 0x7b && head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0;
}

const findMagic = (list: readonly Magic[], head: Uint8Array): Magic | undefined =>
  list.find(([, bytes, offset = 0]) => startsWith(head, bytes, offset));

/** The head as text; undefined when it has bytes no text has. */
function textOf(head: Uint8Array): string | undefined {
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27))) return undefined;
  // Bytes of other encodings are replaced: three at the end may be a cut character.
  const text = new TextDecoder('utf-8').decode(head);
  return text.slice(0, -3).includes('\uFFFD') ? undefined : text;
}

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
function readPointer(text: string): string | undefined {
  if (!/^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//.test(text)) return undefined;
  const oid = /^oid ([a-z0-9]+:[0-9a-f]{8,128})\s*$/m.exec(text)?.[1];
  const size = /^size ([0-9]{1,15})\s*$/m.exec(text)?.[1];
  const real = size ? `the real file has ${formatBytes(Number(size))}` : 'the real file is elsewhere';
  return `a Git LFS pointer, not the file itself: ${real}${oid ? ` (${oid})` : ''}`;
}

function formatBytes(size: number): string {
  const exact = `${size.toLocaleString('en-US')} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = size;
  let unit = -1;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit < 0 ? exact : `${value.toPrecision(3)} ${units[unit]}, ${exact}`;
}

type Coming = { format: string; detail: string };
const NOT_YET = 'recognised, but not read by this version';

/** Model files of formats that are known by sight. */
function nameComing(head: Uint8Array, name: string, size: number): Coming | undefined {
  const lower = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const format = findMagic(COMING, head)?.[0] ?? nameByEnding(head, lower, size);
  return format === undefined ? undefined : { format, detail: NOT_YET };
}

type Magic = readonly [what: string, bytes: string, offset?: number, advice?: string];

/** Bytes as Latin-1 text. */
const COMING: readonly Magic[] = [
  ['GGML (before GGUF)', 'lmgg'],
  ['GGML (before GGUF)', 'tjgg'],
  ['GGML (before GGUF)', 'fmgg'],
  ['HDF5 or Keras', '\x89HDF\r\n\x1a\n'],
  ['TensorFlow Lite', 'TFL3', 4],
  ['ExecuTorch program', 'ET12', 4],
  ['ONNX Runtime model (.ort)', 'ORTM', 4],
  ['Python pickle', '\x80\x02'],
  ['Python pickle', '\x80\x03'],
  ['Python pickle', '\x80\x04'],
  ['Python pickle', '\x80\x05'],
];

function nameByEnding(head: Uint8Array, name: string, size: number): string | undefined {
  const zip = startsWith(head, 'PK\x03\x04');
  if (zip && name.endsWith('.keras')) return 'Keras archive (.keras)';
  if (zip && (name.endsWith('.mlpackage') || name.endsWith('.mar') || name.endsWith('.nemo'))) return 'model archive';
  if (/\.data-\d{5}-of-\d{5}$/.test(name) || (name.endsWith('.index') && size > 48)) return 'TensorFlow checkpoint';
  if (name === 'saved_model.pb' || name.endsWith('.pb')) return 'TensorFlow or protocol buffer model';
  if (name.endsWith('.distcp')) return 'PyTorch distributed checkpoint';
  return name.endsWith('.mlmodel') ? 'Core ML' : undefined;
}

const UNPACK = 'Unpack it and drop what is inside';
const BINARIES: readonly Magic[] = [
  ['a PNG picture', '\x89PNG\r\n'],
  ['a JPEG picture', '\xff\xd8\xff'],
  ['a GIF picture', 'GIF8'],
  ['a WebP picture', 'WEBP', 8],
  ['a WAV recording', 'WAVE', 8],
  ['a video or audio file (MP4)', 'ftyp', 4],
  ['a video (Matroska or WebM)', '\x1a\x45\xdf\xa3'],
  ['an MP3 recording', 'ID3'],
  ['an Ogg recording', 'OggS'],
  ['a FLAC recording', 'fLaC'],
  ['a gzip archive', '\x1f\x8b', 0, 'Unpack it (`gunzip`, `tar xzf`) and drop what is inside'],
  ['a zstd archive', '\x28\xb5\x2f\xfd', 0, 'Unpack it (`zstd -d`) and drop what is inside'],
  ['an xz archive', '\xfd7zXZ\0', 0, UNPACK],
  ['a bzip2 archive', 'BZh', 0, UNPACK],
  ['an LZ4 archive', '\x04\x22\x4d\x18', 0, UNPACK],
  ['a 7z archive', '7z\xbc\xaf\x27\x1c', 0, UNPACK],
  ['a RAR archive', 'Rar!\x1a\x07', 0, UNPACK],
  ['an ELF program or library', '\x7fELF'],
  ['a Windows program or library', 'MZ'],
  ['a macOS program or library', '\xcf\xfa\xed\xfe'],
  ['a macOS or Java binary', '\xca\xfe\xba\xbe'],
  ['a WebAssembly module', '\0asm'],
  ['an SQLite database', 'SQLite format 3\0'],
  ['a Parquet table', 'PAR1', 0, 'It holds data, not weights'],
  ['an Arrow table', 'ARROW1', 0, 'It holds data, not weights'],
];

function startsWith(head: Uint8Array, bytes: string, offset = 0): boolean {
  if (head.length < offset + bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (head[offset + i] !== bytes.charCodeAt(i)) return false;
  return true;
}

const SOURCES: Readonly<Record<string, string>> = {
  py: 'Python source',
  ipynb: 'a Jupyter notebook',
  js: 'JavaScript source',
  ts: 'TypeScript source',
  sh: 'a shell script',
  md: 'a Markdown text',
  txt: 'a text',
  rst: 'a text',
  csv: 'a table (CSV)',
  tsv: 'a table (TSV)',
  log: 'a log',
  ini: 'settings (INI)',
  cfg: 'settings (INI)',
  lisp: 'Lisp source',
  c: 'C source',
  cpp: 'C++ source',
  rs: 'Rust source',
};

/** Pages and answers of web servers, saved under a model's name. */
function nameMarkup(text: string): readonly [what: string, advice: string] | undefined {
  const body = text.replace(/^\uFEFF?\s*(?:<!--[^>]*-->\s*)?/, '');
  if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(body))
    return [
      'a web page, probably an error or log-in page saved under this name',
      'Open the address in a browser, log in if asked, and download the file itself',
    ];
  if (/^(?:<\?xml[^>]*\?>\s*(?:<!--[^>]*-->\s*)?)?<svg\b/i.test(body))
    return ['an SVG picture', 'Drop a checkpoint or a state dict instead'];
  if (/^<\?xml\b|^<Error>/i.test(body))
    return [
      'XML, which storage servers answer with when they refuse',
      'Read it in an editor: it may say why the download failed',
    ];
  return undefined;
}

function nameText(text: string, name: string): readonly [what: string, advice: string] {
  const body = text.trim();
  if (body === '' || body === '\uFEFF')
    return ['a file of blanks', 'Its download or copy may have failed: get it again'];
  if (/^(?:Entry not found|Invalid username or password|Not Found|Access to model|Repository not found)/i.test(body))
    return [
      `the error message of a download ("${body.slice(0, 60).split('\n')[0]}")`,
      'Check the address and your access, and download it again',
    ];
  const source = SOURCES[/\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''];
  if (source) return [source, 'Drop the checkpoint it makes or loads, or paste text to look at it'];
  if (/^#!/.test(body)) return ['a script', 'Drop the checkpoint it makes or loads'];
  return ['plain text', 'If it is a prompt, name it .txt, or paste it'];
}

/** A file that belongs to a model without holding any of it. */
export interface Companion {
  /** With its article: `a tokenizer`. */
  readonly what: string;
  readonly advice: string;
}

const BESIDE = 'Drop the model with it';
type CompanionRule = readonly [name: RegExp, what: string, content?: RegExp, advice?: string];

/** By name, and by what such a file says where the name alone is too common. */
const COMPANIONS: readonly CompanionRule[] = [
  [/^tokenizer\.json$|^tokenizer_config\.json$|^(?:tokenizer|spiece|sentencepiece(?:\.bpe)?)\.model$/, 'a tokenizer'],
  [/^(?:vocab\.(?:json|txt)|merges\.txt|added_tokens\.json|special_tokens_map\.json)$/, 'a part of a tokenizer'],
  [/^chat_template\.json$/, 'the chat template of a model'],
  [/^(?:config|model_config|adapter_config|quantize_config|model_index)\.json$/, 'the configuration of a model'],
  [
    /^(?:generation_config|(?:pre)?processor_config|(?:video_|image_|feature_)?preprocessor_config|scheduler_config)\.json$/,
    'settings of a model',
  ],
  [/^(?:sentence_bert_config|config_sentence_transformers)\.json$/, 'settings of a sentence model'],
  [/^modules\.json$/, 'settings of a sentence model', /"sentence_transformers\./],
  [/\.index\.json$/, 'the index of a sharded model', /"weight_map"/, 'Drop its shards with it'],
  [
    /^(?:trainer_state|all_results|train_results|eval_results)\.json$/,
    'the record of a training run',
    /"(?:log_history|epoch|eval_loss|train_loss)"/,
  ],
  [
    /^(?:readme(?:\.md|\.txt)?|licen[cs]e(?:\.md|\.txt)?|notice(?:\.md|\.txt)?|\.gitattributes|\.gitignore)$/,
    'a description or licence',
  ],
  [
    /^(?:package|package-lock)\.json$/,
    'settings of a JavaScript project',
    /"(?:dependencies|scripts|lockfileVersion|version)"/,
    'Drop a checkpoint or a state dict instead',
  ],
  [
    /^[tj]sconfig[^/]*\.json$/,
    'settings of a JavaScript project',
    /"(?:compilerOptions|extends|references)"/,
    'Drop a checkpoint or a state dict instead',
  ],
];
/** A state dict under a companion's name is still one. */
const STATE_DICT = /"msgflux_type"\s*:|"demos"\s*:\s*\[/;
/** Written by the tokenizers library, whatever the file is called. */
const TOKENIZER = /"added_tokens"\s*:[\s\S]*"(?:normalizer|pre_tokenizer)"\s*:/;

/**
 * What a file is that is kept beside a model and is none by itself; undefined for all others. `headText` is the beginning of
 * the file as text (4 KiB do).
 */
export function companionOf(name: string, headText: string): Companion | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  if (STATE_DICT.test(headText)) return undefined;
  const isObject = /^\uFEFF?\s*\{/.test(headText);
  for (const [pattern, what, content, advice] of COMPANIONS) {
    if (!pattern.test(base) || (content && !content.test(headText))) continue;
    if (base.endsWith('.json') && !isObject && base !== 'modules.json') continue;
    return { what, advice: advice ?? BESIDE };
  }
  return isObject && base.endsWith('.json') && TOKENIZER.test(headText)
    ? { what: 'a tokenizer', advice: BESIDE }
    : undefined;
}
