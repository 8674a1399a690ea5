/**
 * Which names a function uses and does not declare: what it closes over. Reads JavaScript as text; runs nothing. A `var` counts
 * in its block only, so a name may be taken for free that is not, and never the other way round.
 */
import { type AnyNode, parseExpressionAt, type Pattern } from "acorn";

/** A free name and the names after its dots: `state.count.value` is `["state", "count", "value"]`. */
export type Chain = readonly string[];

/**
 * Every place where the function with this text uses a free name (or `this`), branches that may never run included.
 *
 * @throws {SyntaxError} when the text is no expression of a function: native code, or a method.
 */
export function freeChains(text: string): readonly Chain[] {
  const expression = parseExpressionAt(`(${text})`, 0, { ecmaVersion: "latest", sourceType: "module" });
  const found: Chain[] = [];
  walk(expression, new Set(), found);
  return found;
}

function walk(node: AnyNode, outer: ReadonlySet<string>, found: Chain[]): void {
  const chain = chainOf(node);
  if (chain !== null) {
    if (!outer.has(chain[0] ?? "")) found.push(chain);
    return;
  }
  const declared = namesDeclaredBy(node);
  const names = declared.length === 0 ? outer : outer.union(new Set(declared));
  for (const [key, value] of Object.entries(node)) {
    if (isNameOnly(node, key)) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, names, found);
    }
  }
}

/** A name with what follows its dots, if `node` is one. */
function chainOf(node: AnyNode): string[] | null {
  if (node.type === "Identifier") return [node.name];
  if (node.type === "ThisExpression") return ["this"];
  if (node.type !== "MemberExpression") return null;
  const { object, property, computed } = node;
  const name = !computed && property.type === "Identifier"
    ? property.name
    : property.type === "Literal"
    ? String(property.value)
    : null;
  const before = chainOf(object);
  return name === null || before === null ? null : [...before, name];
}

/** What stands under `key` is a name of a property or a label, not of a variable. */
function isNameOnly(node: AnyNode, key: string): boolean {
  if (key === "label" || node.type === "MetaProperty") return true;
  if (key === "property") return node.type === "MemberExpression" && !node.computed;
  return key === "key" && "computed" in node && !node.computed;
}

function namesDeclaredBy(node: AnyNode): string[] {
  switch (node.type) {
    case "ArrowFunctionExpression":
      return node.params.flatMap(namesIn);
    case "FunctionExpression":
    case "FunctionDeclaration":
      return [...node.params.flatMap(namesIn), ...node.id ? [node.id.name] : [], "this", "arguments"];
    case "BlockStatement":
      return node.body.flatMap(namesStatedBy);
    case "ForStatement":
      return namesStatedBy(node.init);
    case "ForInStatement":
    case "ForOfStatement":
      return namesStatedBy(node.left);
    case "CatchClause":
      return node.param ? namesIn(node.param) : [];
    default:
      return [];
  }
}

function namesStatedBy(node: AnyNode | null | undefined): string[] {
  if (node?.type === "VariableDeclaration") return node.declarations.flatMap(({ id }) => namesIn(id));
  const named = node?.type === "FunctionDeclaration" || node?.type === "ClassDeclaration";
  return named && node.id ? [node.id.name] : [];
}

function namesIn(pattern: Pattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        namesIn(property.type === "RestElement" ? property.argument : property.value)
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => element === null ? [] : namesIn(element));
    case "RestElement":
      return namesIn(pattern.argument);
    case "AssignmentPattern":
      return namesIn(pattern.left);
    case "MemberExpression":
      return [];
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
