/**
 * Every cap, why it is there, and the largest real file known that comes near it. A file over a cap gets a `limit` error,
 * never a hang. Units are in the names: bytes, entries, levels.
 */
export const LIMITS = {
  /** The reference library's own cap. 500,000 tensors with long names take about 64 MB. */
  safetensorsHeaderBytes: 100_000_000,
  /** Kimi-K3's index is about 60 MB with 497,000 names. */
  safetensorsIndexBytes: 256 * 2 ** 20,
  /** Names of an index of `.bin` shards become objects, some 500 bytes each. Bloom, of 176 billion parameters, has a thousand. */
  pytorchIndexBytes: 32 * 2 ** 20,
  /** Roles of half a million entries with long names take some 40 MB. */
  sidecarBytes: 64 * 2 ** 20,
  /** Values of a header kept as objects: metadata and what is no tensor. LoRA trainers write some 200. */
  headerNodes: 1_000_000,
  /** Element types the program does not know, in one document. The format has 22 in all. */
  safetensorsDTypes: 1_000,
  /** Vocabularies of 260,000 words with their merges make headers of 15 MB. */
  ggufHeaderBytes: 256 * 2 ** 20,
  /** Metadata of one GGUF file. Real ones have some 20 to 60. */
  ggufItems: 100_000,
  /** One text of a GGUF file. The longest known are chat templates, below 1 MB. */
  ggufTextBytes: 16 * 2 ** 20,
  /** Tensors of one GGUF file, some 500 bytes of memory each. Experts are stacked: those of DeepSeek-V3 have 1,100. */
  ggufTensors: 262_144,
  /** Dimensions of a tensor; ggml itself has 4. */
  ggufRank: 8,
  /** Lists within lists, and items of all of them together. llama.cpp refuses any. */
  ggufNesting: 4,
  ggufNestedItems: 65_536,
  /** Problems of one kind that are told one by one; a file with a shifted header has one for every tensor. */
  problemsPerKind: 100,
  /** DeepSeek-V3 has 163 shards. */
  shards: 10_000,
  /** PyTorch stops at 64 in practice; NumPy at 64. */
  tensorRank: 64,
  /** A checkpoint of a million storages has a 64 MB directory. */
  zipDirectoryBytes: 128 * 2 ** 20,
  zipEntries: 1_000_000,
  /** Values of a sparse tensor whose places are kept, 16 bytes each, to show it in full. A graph of a million edges has as many. */
  sparsePlaces: 4_000_000,
  /** A repacked checkpoint deflates by 1.1 to 3 times; zeros by 1,000. */
  inflateRatio: 100,
  /** Below this size the ratio is not looked at: small members are cheap whatever they hold. */
  inflateFloorBytes: 64 * 2 ** 20,
  inflateBytes: 4 * 2 ** 30,
  /** A chunk of a zarr array, packed or not: it is unpacked in one piece. Orbax saves an array of one device as one chunk. */
  chunkBytes: 2 * 2 ** 30,
  /** What the zstd program itself takes without being told to take more (`--memory`). */
  zstdWindowBytes: 128 * 2 ** 20,
  /** Chunks of one array, 16 bytes each. A shard of a large array on a thousand devices has some thousand. */
  zarrChunks: 4_000_000,
  /** One JSON text of an array's metadata: a shape, a type and some codecs. */
  zarrMetadataBytes: 2 ** 20,
  /** A node of an OCDBT tree, unpacked: Orbax asks for nodes of 100 MB, which is one for all but the largest checkpoints. */
  ocdbtNodeBytes: 100_000_000,
  /** Levels of an OCDBT tree. A tree of a billion keys with the smallest nodes has thirty. */
  ocdbtHeight: 64,
  /** Keys of an OCDBT database: arrays and their chunks. */
  ocdbtKeys: 4_000_000,
  /** `_METADATA`, `_sharding` and the like: some 400 bytes an array. */
  orbaxMetadataBytes: 128 * 2 ** 20,
  /** Files of a zip or tar that opens as a folder. Repositories of models have hundreds. */
  archiveFiles: 10_000,
  /** What is packed in such an archive is unpacked into memory; weights are hardly ever packed, for they hardly shrink. */
  unpackedBytes: 2 * 2 ** 30,
  /** Optimiser states of large mixtures of experts reach tens of MB. */
  pickleBytes: 256 * 2 ** 20,
  pickleOps: 50_000_000,
  pickleMemo: 10_000_000,
  /** Nesting of values in one pickle; Python's own pickler recurses to 1,000. */
  pickleDepth: 10_000,
  /** The same, of one that is written: by Python's own pickler, which recurses to this, no deeper one is. */
  pickleWriteDepth: 1000,
  /** Integers longer than this are kept as hex, not turned into decimal digits (quadratic). */
  pickleIntBits: 4096,
  /** Nesting of a MessagePack file. Flax modules and optimiser states nest some twenty deep. */
  msgpackDepth: 128,
  /** Keys, arrays and plain values of a MessagePack file, some 200 bytes of memory each. A training state of a large model has 20,000. */
  msgpackNodes: 2_000_000,
  /** Names of an index of `.msgpack` shards become objects. Those of Flax models have some hundreds. */
  flaxIndexBytes: 32 * 2 ** 20,
  /** NumPy itself reads 10,000 by default; a table of some thousand columns takes a hundred thousand. */
  npyHeaderBytes: 2 ** 20,
  /** Texts in arrays of NumPy that are read as a file is opened, four bytes a character: names of classes, of tokens. */
  numpyTextBytes: 2 ** 20,
  /** Prompt state dicts are kilobytes; a JSON dump of a training log may be more. */
  textBytes: 64 * 2 ** 20,
  textDepth: 512,
  /** Values in one text file, about 100 bytes of memory each. A tokenizer of 256,000 words and its merges has a million. */
  textNodes: 2_000_000,
  /** YAML takes some fifty bytes of memory for each of its own while it is taken apart. Lock files reach a few MB. */
  yamlBytes: 16 * 2 ** 20,
  /** Values that aliases repeat, all together: nine lines can say "a thousand million". Compose files and pipelines have hundreds. */
  yamlAliasNodes: 100_000,
  /**
   * A view that shows the same elements again and again (stride 0) is written out in full up to this size; a position grid
   * expanded over heads and batch takes some hundred megabytes.
   */
  expandedBytes: 4 * 2 ** 30,
  /** `config.json` of a model, for the check against its shapes. Those with a table of labels reach 200 kB. */
  configBytes: 4 * 2 ** 20,
  /** A server without ranges: the file is held in memory. Half of what a browser gives one page. */
  wholeDownloadBytes: 2 * 2 ** 30,
  /** One page of a hub's list of files: a thousand of them, some 300 bytes each. */
  hubPageBytes: 16 * 2 ** 20,
  /** Files of one repo on a hub. The hub itself advises to stay below 100,000; models have hundreds. */
  hubFiles: 100_000,
  /** Values of one slice in memory, 8 bytes each: 32 million. All of a 4096×8192 matrix; a screen shows some thousand. */
  sliceBytes: 256 * 2 ** 20,
  /** Weights up to this size have their rows compared with one another in a health check: a hundredth of a second each. */
  rowCheckBytes: 4 * 2 ** 20,
  /**
   * Weights of a module that is run, as f32. They are held once and copied once into the heap of WASM, where constants of models that
   * are kept started lie too, no more than this in all: 2 GB of the 4 GB that it can have. The feed-forward part of a model of seven
   * billion takes 541 MB, a whole block of it 810 MB.
   */
  runWeightBytes: 640 * 2 ** 20,
  /**
   * An ONNX file that is run, with its external data: its bytes, and its tensors as the runtime lays them out, lie in the 4 GB heap of
   * WASM at once. Whisper's large encoder takes 1.3 GB as f16, its small one 350 MB.
   */
  runOnnxBytes: 2 ** 30,
  /** Values on the way through a module that is run, all together; most are given up long before the end. */
  runValueBytes: 2 * 2 ** 30,
  /** A `tokenizer.json`. Those of 256,000 words and their merges take 34 MB. */
  tokenizerBytes: 128 * 2 ** 20,
  /** Characters of all tokens of a GGUF vocabulary, which become trees of some 200 bytes each. Those of 260,000 words have two million. */
  tokenCharacters: 8_000_000,
  /** Characters of a text that is turned into tokens at once: a long book's chapter. Its patterns go over it several times. */
  tokenisedCharacters: 100_000,
  /** Messages in one another: subgraphs of subgraphs, each four levels. No exporter is known to go past three subgraphs. */
  protobufDepth: 64,
  /** One text, list of numbers or small message of such a file. Texts of metadata reach some megabytes. */
  protobufTextBytes: 16 * 2 ** 20,
  /** Nodes of one ONNX file with its subgraphs and functions. An exported language model has some ten thousand. */
  onnxNodes: 2_000_000,
  /** Numbers of a tensor that are kept as varints are written out as they are opened up to this size; longer ones are read on demand. */
  onnxInlineBytes: 64 * 1024,
  /** Texts of one tensor that are kept in memory. Vocabularies and labels in a graph take some hundred kilobytes. */
  onnxStringBytes: 4 * 2 ** 20,
  /** Entries in one document. */
  entries: 10_000_000,
  /**
   * Modules and entries of one tree, some 100 bytes of memory each. Ten million entries make about sixteen; only keys that
   * share no module, each of hundreds of parts, make more. The largest models, of half a million tensors, stay below a million.
   */
  treeNodes: 16_000_000,
  /** Zeros that an operation writes out one by one; a larger tensor is one `fill`. Its JSON is read by people. */
  operationElements: 65_536,
  /** Values typed into one tensor. Every task that reads it carries them, as text twice as long; a larger edit is a fill. */
  patchBytes: 2 * 2 ** 20,
  /** One value set in many places is kept as so many, which later edits join; past this it is a fill beneath them. */
  filledPatchBytes: 64 * 1024,
  /** Characters of a template that is rendered. The longest chat templates known, with tools and reasoning, have some 20,000. */
  templateCharacters: 200_000,
  /** Characters of one `{{ … }}` or `{% … %}`. */
  templateBlockCharacters: 8_000,
  /** Expressions and statements evaluated in one rendering, loops included: half a second. A long conversation takes some thousand. */
  templateSteps: 300_000,
  /** Characters of a rendered text, and of any text on the way to it. */
  renderedCharacters: 1_000_000,
  /** Items of a list that a template makes. */
  templateItems: 100_000,
  /** Parts of one key. */
  keyParts: 256,
} as const;

export type LimitName = keyof typeof LIMITS;
