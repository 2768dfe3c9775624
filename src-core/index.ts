/** The door of the core library for any JavaScript host. What needs Node is in `node.ts`. */
export { describeError, type ErrorInfo, StateglassError, type TemplateFault, toErrorInfo } from './base/errors.ts';
export { LIMITS, type LimitName } from './base/limits.ts';
export { blobSource } from './bytes/blob.ts';
export { bufferSource } from './bytes/buffer.ts';
export { type HttpSource, httpSource } from './bytes/http.ts';
export type { HttpOptions } from './bytes/http-request.ts';
export { type HubFile, type HubOptions, type HubRepo, hubHandle, listHubRepo } from './bytes/hub.ts';
export { formatHubAddress, HUB_BASE, type HubAddress, parseHubAddress } from './bytes/hub-address.ts';
export { type OpenHandleOptions, openHandle } from './bytes/open-handle.ts';
export { type ByteSource, type FileId, type FileSet, isRemote, type SourceHandle } from './bytes/source.ts';
export { runTask, transferablesOf } from './compute/run.ts';
export type { Task, TaskKind, TaskResults } from './compute/task.ts';
export { diffJson, type JsonDifference } from './diff/json.ts';
export { listMappings, type MappingInfo, titleOfMapping } from './diff/mappings/registry.ts';
export type { Pin } from './diff/match-keys.ts';
export { type MergeRegion, mergeTexts, textOfMerge } from './diff/merge-texts.ts';
export type { MetadataDifference } from './diff/metadata.ts';
export { type PairOptions, pairEntries } from './diff/pair.ts';
export {
  methodOf,
  PAIR_FLAG,
  PAIR_METHODS,
  PAIR_STATUSES,
  type Pairing,
  type PairMethod,
  type PairStatus,
  statusOf,
} from './diff/pairing.ts';
export { previewRules, type RenamedKey, type RulePreview } from './diff/preview-rules.ts';
export { diffTexts, type TextDiff, type TextHunk, type TextLine } from './diff/text.ts';
export { joinStatus, MERGE_CONFLICTS, type MergeConflictKind, type ThreeWay } from './diff/three-way.ts';
export { type PairedRows, unionColumns } from './diff/union-columns.ts';
export type { MetadataPlace } from './formats/format.ts';
export { encodeHeader as encodeNpyHeader } from './formats/numpy/npy.ts';
export {
  type AssumedValue,
  type Assumption,
  type AssumptionGroup,
  type AssumptionName,
  type AssumptionSource,
  type Correction,
  groupAssumptions,
} from './graph/assumptions.ts';
export type { GraphOutput, InputSpec, Meaning } from './graph/graph.ts';
export { describeReport, type LoadReportJson, loadsWhole, wordOutcome } from './load/describe-report.ts';
export type { LoadPolicyInfo, Reaction } from './load/policy.ts';
export {
  type LoadOptions,
  type LoadPair,
  type LoadReport,
  type LoadSuggestion,
  MISMATCHES,
  type Mismatch,
  type MismatchKind,
  POLICY_IDS,
  type PolicyId,
} from './load/report.ts';
export { LOAD_STATUSES, type LoadRow, type LoadStatus, type LoadTable } from './load/tabulate.ts';
export { movedRows } from './model/change-state.ts';
export type { Edit } from './model/edit.ts';
export { findNode } from './model/find-node.ts';
export { indentJson, type JsonStyle, writeJson } from './model/json-write.ts';
export { keyOfRow, pathOfRow } from './model/key-text.ts';
export type { KeyPath, KeySyntax, PartKind, PathPart } from './model/keys/key.ts';
export { KEY_SYNTAXES, recogniseSyntax } from './model/keys/recognise.ts';
export type { RenameRule } from './model/keys/rename-rules.ts';
export { explainKind, MODULE_KINDS, type ModuleKind } from './model/kind.ts';
export { labelOfNode, labelTexts, pathOfNode } from './model/labels.ts';
export { markProblems } from './model/mark-problems.ts';
export * from './model/module-tree.ts';
export { countPacked, findPacked, summarisePacked } from './model/packed/find-packed.ts';
export { type PackedConfig, type PackedWeight, wordPacking } from './model/packed/packed-weight.ts';
export {
  DELTAS,
  type DeltaBatch,
  type DeltaName,
  DeltaTable,
  MERGE_STATUSES,
  type MergeStatus,
  type PairFacts,
  VERDICTS,
  type Verdict,
} from './model/pair-table.ts';
export { asksDeltas, asksStatistics, parseQuery, type Query, type Term } from './model/query.ts';
export { type Completions, completions, type Suggestion } from './model/query-complete.ts';
export { runQuery, searchRows } from './model/query-run.ts';
export { hasSameOutline, refreshTree } from './model/refresh-tree.ts';
export { specOf } from './model/role.ts';
export { type FoundKey, searchKeys } from './model/search-keys.ts';
export { type RowColumn, sortRows } from './model/sort.ts';
export * from './model/state-dict.ts';
export {
  STATISTICS,
  type StatisticColumns,
  type StatisticName,
  type StatsBatch,
  StatsTable,
} from './model/stats-table.ts';
export { summarise } from './model/summary.ts';
export { buildTree, type TreeOptions } from './model/tree.ts';
export { shapeOf } from './model/value.ts';
export { listDonors } from './ops/list-donors.ts';
export { LORA_CONFIG_FILE, type LoraConfig, readLoraConfig } from './ops/lora-config.ts';
export type { LoraLeft } from './ops/lora-pairs.ts';
export { type LoraBake, type LoraOptions, type LoraPlan, planLora } from './ops/plan-lora.ts';
export type { ArgumentSpec } from './ops/systems/operation.ts';
export type { Answer } from './ops/systems/run-operation.ts';
export { planRenames, type RenamePlan } from './ops/verbs/rename-rules.ts';
export { attachCompanion } from './session/attach-companion.ts';
export { type BlobSink, blobSink } from './session/blob-sink.ts';
export {
  COMPARE_STATUSES,
  type CompareOptions,
  type CompareStatus,
  type Comparison,
  compareDocuments,
  hasDifferences,
} from './session/compare.ts';
export {
  type CompareValuesOptions,
  type ComparisonIndices,
  comparePairs,
  compareValues,
  matchPairs,
  type PairComparison,
  type PairEquality,
  type RowPair,
} from './session/compare-values.ts';
export { type ComparedEntry, describePair } from './session/compared-entry.ts';
export { listDataFiles, openDataFiles } from './session/data-files.ts';
export { describeEntry, type EntryDescription } from './session/describe.ts';
export type { Document, Opened, OpenFile } from './session/document.ts';
export { attachDonor, type Donor } from './session/donors.ts';
export {
  applyEdit,
  canRedo,
  canUndo,
  type EditedDocument,
  type EditInfo,
  type EditLog,
  moveCursor,
  readRecipe,
  revertEdit,
  reviewEdit,
  startEditing,
  writeRecipe,
} from './session/edits.ts';
export { emptyDocument } from './session/empty-document.ts';
export {
  type ExportForm,
  type ExportPlan,
  type ExportRequest,
  listExportForms,
  listWriters,
  planExport,
  type WriterInfo,
} from './session/export.ts';
export { fileOffsets } from './session/file-offsets.ts';
export { findKey } from './session/find-key.ts';
export { chooseRows, findRows } from './session/find-rows.ts';
export { type FormatInfo, formatLabelOf, listFormats, listMetadataPlaces } from './session/formats.ts';
export {
  type GraphNodeInfo,
  type GraphNodeInput,
  hasGraph,
  listGraphNodes,
  type NodeAttribute,
  readNodeAttributes,
} from './session/graph-nodes.ts';
export { type DocumentHash, type EntryHash, fingerprintStructure, hashDocument } from './session/hash.ts';
export {
  checkHealth,
  checkStructure,
  checkValues,
  type HealthOptions,
  prepareHealth,
} from './session/health/check-health.ts';
export type { HealthFacts, Laid } from './session/health/facts.ts';
export { type EntryCastLosses, inspectCast, sumLosses, wordLosses } from './session/inspect-cast.ts';
export { keptRows } from './session/kept-rows.ts';
export { localPool } from './session/local-pool.ts';
export { type ContentsForecast, forecastContents } from './session/match-contents.ts';
export {
  MERGE_CONFLICT_WORDS,
  type MergeConflict,
  type MergeOptions,
  type MergePlan,
  planMerge,
} from './session/merge.ts';
export { AVERAGE, type MergeChoice, type MergeTake, readMergeChoice } from './session/merge-choices.ts';
export type { MergeSides } from './session/merge-lines.ts';
export { type MetadataPath, readMetadataItems } from './session/metadata-lists.ts';
export { type OpenOptions, openFiles } from './session/open.ts';
export type { ValueDifference } from './session/pair-values.ts';
export { nameText } from './session/paste.ts';
export { type PatchOptions, type PatchPlan, planPatch } from './session/patch.ts';
export { PATCH_DONOR, type Patch, readPatch } from './session/patch-file.ts';
export { type NeededEntry, type PatchNeeds, requireFit } from './session/patch-fit.ts';
export {
  type LoadSide,
  listLoadPolicies,
  planLoad,
  proposeLoadEdits,
  readLoadText,
  tabulateLoad,
} from './session/plan-load.ts';
export { planShards, type ShardRequest, type ShardsPlan } from './session/plan-shards.ts';
export type {
  Adapter,
  Backend,
  ExternalData,
  Feed,
  NodeTime,
  NumberChange,
  OnnxModel,
  Pool,
  Runner,
  RunnerFacts,
  RunTensor,
  Sink,
  SourceRange,
  StartedModel,
  StartOptions,
  TaskProgress,
} from './session/ports.ts';
export { type EditPreview, previewEdit, type TensorForm } from './session/preview-edit.ts';
export { previewTake, type TakePreview } from './session/preview-take.ts';
export { type ListedPrompt, listPrompts, type PromptKind, promptKindOf } from './session/prompts/prompt-kind.ts';
export { type PromptState, readPrompt } from './session/prompts/read-prompt.ts';
export {
  describePrompt,
  type PromptDescription,
  type PromptValues,
  type RenderedPrompt,
  renderPrompt,
} from './session/prompts/render-prompt.ts';
export { listProposals, type Proposal } from './session/proposals.ts';
export { type MadeComparison, recompareDocuments } from './session/recompare.ts';
export { arrangeRepo, filesOfSets, type RepoContents, type RepoSet } from './session/repo-sets.ts';
export { reportAsHtml } from './session/report/html.ts';
export { reportAsJson } from './session/report/json.ts';
export { reportAsMarkdown } from './session/report/markdown.ts';
export { makeReport, type Report, type ReportSection } from './session/report/report.ts';
export type { ReportRow } from './session/report/row.ts';
export { reportAsText } from './session/report/text.ts';
export type { WantedBackend } from './session/run/choose-backend.ts';
export { compareOutputs, logSoftmax, type OutputDifference } from './session/run/compare-outputs.ts';
export {
  describeRun,
  isOverTokens,
  type ModuleChoice,
  type NotRunnable,
  type RunDescription,
} from './session/run/describe-run.ts';
export { type RunFacts, readFacts } from './session/run/facts.ts';
export type { RunForecast } from './session/run/forecast.ts';
export { type GeneratedToken, type GenerateRequest, generateTokens } from './session/run/generate.ts';
export { type ListedModule, listRunnable } from './session/run/list-runnable.ts';
export { ModuleRuns } from './session/run/module-runs.ts';
export { readNodeTimes } from './session/run/node-times.ts';
export { putNumbers } from './session/run/number-change.ts';
export { readNpy, readSample } from './session/run/read-array.ts';
export type { RunAnswer, RunOutput, RunRequest, RunTimes } from './session/run/run-request.ts';
export { RUNTIME_TYPES, readRuntimeTensor } from './session/run/runtime-tensors.ts';
export { makeSample, offeredShape, SAMPLE_KINDS, type Sample, whyUnfit } from './session/run/samples.ts';
export { TokenSteps, type TokenStepsOptions } from './session/run/token-steps.ts';
export { readTokeniser, requireTokeniser, type TokeniserFacts } from './session/run/tokeniser.ts';
export { checkSaved, isSavable, planSave, type SavePlan, type SavePlanFile } from './session/save.ts';
export { type EntryStats, type ScanOptions, type SliceStats, scanSlice, scanStats } from './session/scan.ts';
export { type EntryRows, scanRows } from './session/scan-rows.ts';
export { givenRoles, isSidecar, sidecarOf, writeSidecar } from './session/sidecar.ts';
export { formatAnswer, listOperations, type OperationInfo, runOperation } from './session/system-operations.ts';
export { compareThree, type ThreeWayOptions } from './session/three-way.ts';
export { packedConfigOf, planUnpack } from './session/unpack.ts';
export { type EntryValues, readStoredBytes, readValues } from './session/values.ts';
export {
  describePacked,
  listPacked,
  type PackedDescription,
  unpackDocument,
  viewPaired,
  viewUnpacked,
} from './session/view-unpacked.ts';
export {
  describeVocabulary,
  readVocabulary,
  type SpecialToken,
  searchVocabulary,
  type TokenType,
  type VocabularyFacts,
  type VocabularyToken,
} from './session/vocabulary.ts';
export {
  type FromTaskWorker,
  serveTasks,
  type TaskWorker,
  type TaskWorkerEvents,
  type ToTaskWorker,
  type WorkerPool,
  workerPool,
} from './session/worker-pool.ts';
export { writePlan } from './session/write-plan.ts';
export type { DspyField } from './template/dspy-signature.ts';
export type { VariableShape, VariableShapes } from './template/find-shapes.ts';
export { assembleSystemPrompt, MSGFLUX_PARTS, type MsgfluxParts } from './template/msgflux-prompt.ts';
export type { PromptMessage } from './template/prompt-message.ts';
export type { TemplateValue } from './template/python-words.ts';
export { type DetectedTemplate, detectTemplate, renderTemplate, type TemplateKind } from './template/template.ts';
export type { CastLosses } from './tensor/cast-losses.ts';
export { listCastRisks } from './tensor/cast-risks.ts';
export type { ChangedCell, ComparedValues, SideCounts, TensorComparison } from './tensor/compare.ts';
export { TOP_CELLS } from './tensor/compare-top.ts';
export { type IntegerArray, type ValueArray, whyNotDecodable } from './tensor/decode.ts';
export type { Derivation, PatchRun } from './tensor/derivation.ts';
export { countColumns, type Distribution, quantileOf } from './tensor/distribution.ts';
export * from './tensor/dtype.ts';
export { whyNotEncodable } from './tensor/encode.ts';
export * from './tensor/quant/load-scales.ts';
export { formatSlice, parseSlice, type Slice, type SliceItem, sliceShape, wholeSlice } from './tensor/slice.ts';
export { QUANTILES, quantilesOf, type TensorStats } from './tensor/stats.ts';
export type { RowStats } from './tensor/stats-rows.ts';
export type { SliceValues } from './tensor/view.ts';
export type { Tokeniser } from './tokens/tokeniser.ts';
