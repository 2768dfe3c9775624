/** What needs Node. Everything else is in `index.ts`. */
export { nodeSource } from './bytes/node.ts';
