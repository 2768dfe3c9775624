import type {
  GeneratedToken,
  GenerateRequest,
  ModuleChoice,
  NotRunnable,
  RunAnswer,
  RunDescription,
  RunnerFacts,
  RunRequest,
} from '../../src-core/index.ts';
import type { CallOptions, DocumentId, ItemOptions, OpenedDocument, OpenRequest } from './api.ts';

/** Modules that run from their weights. */
export interface RunApi {
  /** What there is to compute with. */
  runnerFacts(): Promise<RunnerFacts>;
  /** What a module is taken for, what it takes, and what was assumed; or why it cannot be run, and what inside it can. No weight is read. */
  describeRun(choice: RunChoice, call?: CallOptions): Promise<RunDescription | NotRunnable>;
  /** Runs a module on a sample. Weights that are held from an earlier run are not read again. */
  runModule(request: RunModuleRequest, call?: CallOptions): Promise<RunAnswer>;
  /** Keeps a `tokenizer.json` that was dropped later beside a document that is open. */
  attachTokenizer(document: DocumentId, file: OpenRequest['files'][number]): Promise<OpenedDocument>;
  /** A text as the tokens of the document's tokeniser. */
  encodeText(document: DocumentId, text: string): Promise<EncodedText>;
  /** The text that tokens say. */
  decodeTokens(document: DocumentId, ids: readonly number[]): Promise<string>;
  /** What tokens are called; null for those that the tokeniser does not have. */
  tokenNames(document: DocumentId, ids: readonly number[]): Promise<readonly (string | null)[]>;
  /** Goes on with a text; each token is an item as soon as it is made. */
  generate(request: GenerateTextRequest, call?: ItemOptions<GeneratedToken>): Promise<void>;
}

export interface EncodedText {
  readonly ids: readonly number[];
  /** What each is called. */
  readonly names: readonly string[];
}

export interface RunChoice extends ModuleChoice {
  readonly document: DocumentId;
  /** As it was read, without its edits. */
  readonly unedited?: boolean;
}

export interface RunModuleRequest extends RunRequest {
  readonly document: DocumentId;
  readonly unedited?: boolean;
}

export interface GenerateTextRequest extends GenerateRequest {
  readonly document: DocumentId;
  readonly unedited?: boolean;
}
