import { nodeSource } from '../bytes/node.ts';
import { listGraphNodes } from './graph-nodes.ts';
import { openFiles } from './open.ts';

/** An ONNX fixture and its nodes. */
export async function openNodes(name: string) {
  const { documents } = await openFiles([{ id: name, source: await nodeSource(`src-core/fixtures/onnx/${name}`) }]);
  const document = documents[0]!;
  return { document, nodes: await listGraphNodes(document) };
}
