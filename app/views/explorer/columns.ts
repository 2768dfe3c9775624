/** Columns of tree and table a person may hide; the name stays. */
export const COLUMN_TITLES = {
  kind: 'Kind',
  type: 'Type',
  shape: 'Shape',
  params: 'Params',
  size: 'Size',
} as const;
