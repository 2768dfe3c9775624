import { edits } from './edits/index.ts';
import { explorer } from './explorer/index.ts';
import { health } from './health/index.ts';
import { info } from './info/index.ts';
import { metadata } from './metadata/index.ts';
import { overview } from './overview/index.ts';
import { pickle } from './pickle/index.ts';
import { stats } from './stats/index.ts';
import { text } from './text/index.ts';
import { values } from './values/index.ts';
import type { Target, ViewDef } from './view.ts';

/** Every view, in the order of their tabs. */
export const VIEWS: readonly ViewDef[] = [
  explorer,
  overview,
  values,
  stats,
  text,
  info,
  metadata,
  health,
  edits,
  pickle,
];

/** Tabs for what is selected. */
export const mainViews = (target: Target): readonly ViewDef[] =>
  VIEWS.filter((view) => view.place === 'main' && view.supports(target));
