import ts from 'typescript'

/** The name by which counted code finds its counters. */
export const COUNTERS_NAME = '__fuzzedBranches'

/**
 * The source with a counter at the beginning of each branch: of functions, both ways of conditions,
 * loops, cases, and what `&&`, `||` and `??` may leave out. Lines stay where they are.
 * @param first the number of the first counter. @returns how many there are, beside the source.
 */
export function withCounters(
  source: string,
  first: number,
): { readonly source: string; readonly counters: number } {
  const file = ts.createSourceFile('counted.ts', source, ts.ScriptTarget.ESNext, true)
  const edits = new Edits(first)
  visit(file, edits)
  const head = `const ${LOCAL_NAME} = globalThis.${COUNTERS_NAME};`
  return { source: head + edits.appliedTo(source), counters: edits.counters }
}

const LOCAL_NAME = '$branches'

class Edits {
  readonly #first: number
  readonly #edits: { readonly at: number; readonly text: string }[] = []
  counters = 0

  constructor(first: number) {
    this.#first = first
  }

  insert(at: number, text: string): void {
    this.#edits.push({ at, text })
  }

  /** One more counter, as an expression that counts. */
  count(): string {
    return `${LOCAL_NAME}[${this.#first + this.counters++}]++`
  }

  /** Several at one place stay in the order in which they were made. */
  appliedTo(source: string): string {
    let applied = ''
    let last = 0
    for (const { at, text } of [...this.#edits].sort((one, other) => one.at - other.at)) {
      applied += source.slice(last, at) + text
      last = at
    }
    return applied + source.slice(last)
  }
}

/** Beginnings before what is inside, ends behind it, so that they nest. */
function visit(node: ts.Node, edits: Edits): void {
  const branches = branchesOf(node)
  const inside = (): void => ts.forEachChild(node, (child) => visitAs(child, branches, edits))
  if (ts.isCaseOrDefaultClause(node)) edits.insert(node.statements.pos, `${edits.count()};`)
  inside()
  if (ts.isIfStatement(node) && node.elseStatement === undefined) {
    edits.insert(node.thenStatement.end, ` else { ${edits.count()}; }`)
  }
}

function visitAs(node: ts.Node, branches: readonly ts.Node[], edits: Edits): void {
  if (!branches.includes(node)) return visit(node, edits)
  const start = node.getStart()
  if (ts.isBlock(node)) {
    edits.insert(start + 1, `${edits.count()};`)
    return visit(node, edits)
  }
  const isStatement = ts.isStatement(node)
  edits.insert(start, isStatement ? `{ ${edits.count()}; ` : `(${edits.count()}, `)
  visit(node, edits)
  edits.insert(node.end, isStatement ? ' }' : ')')
}

/** Children of a node that may be passed by. */
function branchesOf(node: ts.Node): readonly ts.Node[] {
  if (ts.isIfStatement(node)) return present(node.thenStatement, node.elseStatement)
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse]
  if (ts.isIterationStatement(node, false)) return [node.statement]
  if (ts.isCatchClause(node)) return [node.block]
  if (ts.isBinaryExpression(node)) return LAZY.has(node.operatorToken.kind) ? [node.right] : []
  return ts.isFunctionLike(node) && 'body' in node ? present(node.body) : []
}

const LAZY: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
])

function present(...nodes: readonly (ts.Node | undefined)[]): readonly ts.Node[] {
  return nodes.filter((node) => node !== undefined)
}
