/** What needs Node. Everything else is in `index.ts`. */
export { nodeSource, openNodeHandle } from './bytes/node.ts';
