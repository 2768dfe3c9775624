import { expect, test } from 'vitest';
import * as anywhere from './index.ts';
import * as node from './node.ts';

/** A name that others import is a promise: adding one is easy, taking one away is a decision. */
test('the names of the two doors', () => {
  expect(Object.keys(anywhere).sort()).toMatchInlineSnapshot(`
    [
      "DTYPES",
      "DTYPE_ORDER",
      "KEY_SYNTAXES",
      "LIMITS",
      "MODULE_KINDS",
      "NODE_FLAG",
      "NOT_AN_ENTRY",
      "NO_SHAPE",
      "NO_TYPE",
      "PART_INT",
      "PART_TEXT",
      "REPEAT_MIN",
      "ROLE_ORDER",
      "ROW_FLAG",
      "StateglassError",
      "VALUE_ORDER",
      "bitsOf",
      "blobSource",
      "bufferSource",
      "buildTree",
      "completions",
      "countElements",
      "describeEntry",
      "describeError",
      "dtypeLabel",
      "explainKind",
      "familyOf",
      "formatLabelOf",
      "httpSource",
      "isKnownDType",
      "keyOfRow",
      "labelOfNode",
      "labelTexts",
      "listFormats",
      "nameText",
      "openFiles",
      "openHandle",
      "packedBytes",
      "parseQuery",
      "pathOfRow",
      "recogniseSyntax",
      "runQuery",
      "searchKeys",
      "searchRows",
      "shapeOf",
      "sortRows",
      "summarise",
      "toErrorInfo",
    ]
  `);
  expect(Object.keys(node).sort()).toMatchInlineSnapshot(`
    [
      "nodeSource",
      "openNodeHandle",
    ]
  `);
});
