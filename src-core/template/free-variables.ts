import { JINJA_NAMES } from './jinja.ts';
import { Scope } from './scope.ts';
import { isSyntax, nameOf, nodeOf, nodesOf, type Syntax } from './syntax.ts';

/** Jinja2's own, which the preview does not have: they are no variables either. */
const GLOBALS = new Set([...JINJA_NAMES, 'dict', 'lipsum', 'cycler', 'joiner']);

/** Reads what stands in a scope of its own, in the scope around it as it is in the end. */
type Opens = (frame: Scope) => void;

export interface Variables {
  /** What has to be given, in order of appearance: what Jinja2's `meta.find_undeclared_variables` finds. */
  readonly free: readonly string[];
  /** Those of them that the template sets itself somewhere. */
  readonly assigned: readonly string[];
}

export function findVariables(program: Syntax): Variables {
  const free = new Set<string>();
  const stored = new Set<string>();
  /** Loops, macros and the like open a scope; it is read when all of the outer one is known. */
  const enter = (scope: Scope, body: readonly Syntax[]): void => {
    const inner: Opens[] = [];
    for (const node of body) read(node, scope, inner);
    for (const [name, load] of scope.loads) if (load === 'resolve' && !GLOBALS.has(name)) free.add(name);
    for (const name of scope.stores) if (scope.loads.get(name) !== 'parameter') stored.add(name);
    for (const open of inner) open(scope);
  };
  const read = (node: Syntax, scope: Scope, inner: Opens[]): void => {
    const readAll = (nodes: readonly Syntax[], into = scope) => {
      for (const one of nodes) read(one, into, inner);
    };
    const readField = (field: string) => readAll([nodeOf(node, field)].filter((one) => one !== undefined));
    /** Parameters, then defaults, then the body. */
    const openMacro = (parameters: readonly Syntax[]) => (frame: Scope) => {
      const made = new Scope(frame);
      for (const one of parameters) made.declare(nameOf(one) ?? nameOf(nodeOf(one, 'key')) ?? '');
      const defaults = parameters.flatMap((one) => (one.type === 'Identifier' ? [] : [nodeOf(one, 'value')!]));
      for (const special of ['caller', 'kwargs', 'varargs']) made.declare(special);
      enter(made, [...defaults, ...nodesOf(node, 'body')]);
    };
    switch (node.type) {
      case 'Identifier':
        scope.load(node.value as string);
        break;
      case 'MemberExpression':
        readField('object');
        if (node.computed === true) readField('property');
        break;
      case 'KeywordArgumentExpression':
        readField('value');
        break;
      case 'TestExpression':
        readField('operand');
        break;
      case 'FilterExpression':
        readField('operand');
        readAll(nodesOf(nodeOf(node, 'filter')!, 'args'));
        break;
      case 'SelectExpression':
        readField('test');
        readField('lhs');
        break;
      case 'Ternary':
        for (const field of ['condition', 'trueExpr', 'falseExpr']) readField(field);
        break;
      case 'If': {
        readField('test');
        const branches = [scope.copy(), scope.copy()] as const;
        readAll(nodesOf(node, 'body'), branches[0]);
        readAll(nodesOf(node, 'alternate'), branches[1]);
        scope.join(branches);
        break;
      }
      case 'Set': {
        readField('value');
        readTarget(nodeOf(node, 'assignee')!, scope);
        if (node.value === null) inner.push((frame) => enter(new Scope(frame), nodesOf(node, 'body')));
        break;
      }
      case 'For': {
        const iterable = nodeOf(node, 'iterable')!;
        const test = iterable.type === 'SelectExpression' ? nodeOf(iterable, 'test') : undefined;
        readAll([test ? nodeOf(iterable, 'lhs')! : iterable]);
        const loop = (frame: Scope) => {
          const made = new Scope(frame);
          for (const name of targetNames(nodeOf(node, 'loopvar')!)) made.declare(name);
          return made;
        };
        inner.push((frame) => {
          if (test) enter(loop(frame), [test]);
          const body = loop(frame);
          body.declare('loop');
          enter(body, nodesOf(node, 'body'));
          enter(new Scope(frame), nodesOf(node, 'defaultBlock'));
        });
        break;
      }
      case 'Macro':
        scope.store(nameOf(nodeOf(node, 'name')) ?? '');
        inner.push(openMacro(nodesOf(node, 'args')));
        break;
      case 'CallStatement':
        readField('call');
        inner.push(openMacro(nodesOf(node, 'callerArgs')));
        break;
      case 'FilterStatement': {
        const args = nodesOf(nodeOf(node, 'filter')!, 'args');
        readAll(args);
        inner.push((frame) => enter(new Scope(frame), [...nodesOf(node, 'body'), ...args]));
        break;
      }
      case 'ObjectLiteral':
        readAll([...(node.value as ReadonlyMap<Syntax, Syntax>)].flat());
        break;
      default:
        // An operator is a token, and `and` looks like a name.
        for (const [field, child] of Object.entries(node))
          if (field !== 'operator') readAll((Array.isArray(child) ? child : [child]).filter(isSyntax));
    }
  };
  const readTarget = (target: Syntax, scope: Scope): void => {
    if (target.type === 'MemberExpression') scope.load(nameOf(nodeOf(target, 'object')) ?? '');
    else for (const name of targetNames(target)) scope.store(name);
  };
  enter(new Scope(), nodesOf(program, 'body'));
  return { free: [...free], assigned: [...free].filter((name) => stored.has(name)) };
}

const targetNames = (target: Syntax): readonly string[] => {
  const name = nameOf(target);
  return name === undefined ? nodesOf(target, 'value').flatMap(targetNames) : [name];
};
