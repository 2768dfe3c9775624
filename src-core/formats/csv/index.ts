import type { Writer } from '../format.ts';

export const csv: Writer = {
  id: 'csv',
  label: 'CSV',
  extensions: ['.csv'],
  holds: 'one tensor',
  load: async () => ({ write: (await import('./write.ts')).write }),
};
