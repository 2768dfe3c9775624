import { chatTemplate } from './chat-template/index.ts';
import { comparison } from './comparison/index.ts';
import { diff } from './diff/index.ts';
import { edits } from './edits/index.ts';
import { explorer } from './explorer/index.ts';
import { health } from './health/index.ts';
import { info } from './info/index.ts';
import { load } from './load/index.ts';
import { metadata } from './metadata/index.ts';
import { nodes } from './nodes/index.ts';
import { overview } from './overview/index.ts';
import { pickle } from './pickle/index.ts';
import { renames } from './renames/index.ts';
import { run } from './run/index.ts';
import { stats } from './stats/index.ts';
import { text } from './text/index.ts';
import { tokenizer } from './tokenizer/index.ts';
import { values } from './values/index.ts';
import { isPair, type Target, type ViewDef } from './view.ts';

/** Every view, in the order of their tabs. */
export const VIEWS: readonly ViewDef[] = [
  explorer,
  diff,
  comparison,
  renames,
  overview,
  values,
  stats,
  run,
  nodes,
  text,
  info,
  metadata,
  chatTemplate,
  tokenizer,
  health,
  load,
  edits,
  pickle,
];

/** Tabs for what is selected. */
export const mainViews = (target: Target): readonly ViewDef[] =>
  VIEWS.filter((view) => view.place === 'main' && (view.compares === true) === isPair(target) && view.supports(target));
