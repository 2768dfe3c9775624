import { type FormatField, firstName } from './format-fields.ts';
import { nameOf, nodeOf, type Syntax } from './syntax.ts';

/** What a template does with a variable: runs over it, takes members of it, or writes it. */
export interface VariableShape {
  items?: VariableShape;
  fields?: Record<string, VariableShape>;
}
export type VariableShapes = Readonly<Record<string, VariableShape>>;

/** Shapes by how names are used. Where that cannot be followed, a name has none. */
export function findShapes(program: Syntax): VariableShapes {
  const roots: Record<string, VariableShape> = Object.create(null) as Record<string, VariableShape>;
  const shapeOf = (node: Syntax, names: ReadonlyMap<string, VariableShape>): VariableShape | undefined => {
    const name = nameOf(node);
    if (name !== undefined) {
      const known = names.get(name);
      if (known) return known;
      roots[name] ??= {};
      return roots[name];
    }
    if (node.type === 'FilterExpression') return shapeOf(nodeOf(node, 'operand')!, names);
    if (node.type !== 'MemberExpression') return undefined;
    const object = shapeOf(nodeOf(node, 'object')!, names);
    const property = nodeOf(node, 'property')!;
    if (!object || property.type === 'SliceExpression') return object;
    if (node.computed !== true || property.type === 'StringLiteral') return fieldOf(object, String(property.value));
    if (property.type === 'IntegerLiteral' || property.type === 'UnaryExpression') return itemOf(object);
    return undefined;
  };
  const walk = (node: unknown, names: ReadonlyMap<string, VariableShape>): void => {
    if (Array.isArray(node)) for (const one of node) walk(one, names);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const { type } = node as Syntax;
    const syntax = node as Syntax;
    if (type === 'Identifier' || type === 'MemberExpression') shapeOf(syntax, names);
    else if (type === 'CallExpression') {
      // What is called is a method or a function, not a member that has to be given.
      const callee = nodeOf(syntax, 'callee')!;
      if (callee.type === 'MemberExpression') walk(callee.object, names);
      walk(syntax.args, names);
    } else if (type === 'TestExpression') walk(syntax.operand, names);
    else if (type === 'FilterExpression') {
      walk(syntax.operand, names);
      walk(nodeOf(syntax, 'filter')?.args, names);
    } else if (type === 'For') {
      const iterable = nodeOf(syntax, 'iterable')!;
      const source = iterable.type === 'SelectExpression' ? nodeOf(iterable, 'lhs')! : iterable;
      walk(source, names);
      const shape = shapeOf(source, names);
      const target = nameOf(nodeOf(syntax, 'loopvar'));
      const inner = new Map([...names, ['loop', {}] as const]);
      if (target !== undefined) inner.set(target, shape ? itemOf(shape) : {});
      walk(nodeOf(iterable, 'test'), inner);
      walk(syntax.body, inner);
      walk(syntax.defaultBlock, names);
    } else for (const [field, child] of Object.entries(node)) if (field !== 'operator') walk(child, names);
  };
  walk(program, new Map());
  return roots;
}

/** Shapes by the paths of a format string. */
export function findFieldShapes(fields: readonly FormatField[]): VariableShapes {
  const roots: Record<string, VariableShape> = Object.create(null) as Record<string, VariableShape>;
  for (const { name } of fields) {
    const first = firstName(name);
    roots[first] ??= {};
    let shape = roots[first];
    for (const [, member, index] of name.slice(first.length).matchAll(/\.([^.[]+)|\[([^\]]+)\]/g))
      shape = index !== undefined && /^\d+$/.test(index) ? itemOf(shape) : fieldOf(shape, member ?? index ?? '');
  }
  return roots;
}

const itemOf = (shape: VariableShape): VariableShape => {
  shape.items ??= {};
  return shape.items;
};

function fieldOf(shape: VariableShape, name: string): VariableShape {
  shape.fields ??= Object.create(null) as Record<string, VariableShape>;
  shape.fields[name] ??= {};
  return shape.fields[name];
}
