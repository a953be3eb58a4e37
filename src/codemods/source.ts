import { type Comment, type Node, type Program, parseSync, visitorKeys } from 'oxc-parser'
import { languageOf } from '../codemap/parse/parse-source.ts'

/** A source text and its tree. Offsets count from the first character after a byte order mark. */
export interface Source {
  readonly file: string
  readonly text: string
  readonly program: Program
  readonly comments: readonly Comment[]
  /** Of the whole tree, in the order of the text. */
  readonly nodes: readonly Node[]
  readonly parents: ReadonlyMap<Node, Node>
  /** Whether it has an import, an export or `import.meta`. */
  readonly isModule: boolean
}

export type ParsedText =
  | { readonly source: Source; readonly error: null }
  | { readonly source: null; readonly error: string }

/** Parses a text as what the ending of `file` says. One that has errors is not given: nothing sure can be said of it. */
export function parseText(file: string, text: string): ParsedText {
  const lang = languageOf(file)
  let result = parseSync(file, text, { lang })
  // What only a script may have, such as `return` outside of a function.
  if (hasErrors(result) && !result.module.hasModuleSyntax) {
    const script = parseSync(file, text, { lang, sourceType: 'commonjs' })
    if (!hasErrors(script)) result = script
  }
  const [error] = result.errors.filter(({ severity }) => severity === 'Error')
  if (error !== undefined) {
    const [label] = error.labels
    return { source: null, error: `${label ? `line ${lineOf(text, label.start)}: ` : ''}${error.message}` }
  }
  const nodes: Node[] = []
  const parents = new Map<Node, Node>()
  const { program } = result
  walk(program, (node, parent) => {
    nodes.push(node)
    if (parent !== null) parents.set(node, parent)
  })
  const isModule = result.module.hasModuleSyntax
  return { source: { file, text, program, comments: result.comments, nodes, parents, isModule }, error: null }
}

function hasErrors({ errors }: ReturnType<typeof parseSync>): boolean {
  return errors.some(({ severity }) => severity === 'Error')
}

function walk(node: Node, visit: (node: Node, parent: Node | null) => void, parent: Node | null = null): void {
  visit(node, parent)
  const fields = node as unknown as Readonly<Record<string, unknown>>
  for (const key of visitorKeys[node.type] ?? []) {
    const value = fields[key]
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node)
  }
}

function isNode(value: unknown): value is Node {
  return value !== null && typeof value === 'object' && 'type' in value
}

/** Counting from 1. */
export function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

/** Where the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** Where the line of an offset ends, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset)
  if (found === -1) return text.length
  return found > offset && text[found - 1] === '\r' ? found - 1 : found
}

/** The line break at an offset; '' at the end of the text. */
export function breakAt(text: string, offset: number): string {
  return text.startsWith('\r\n', offset) ? '\r\n' : text[offset] === '\n' ? '\n' : ''
}

/** The line break before an offset, where one ends there; else ''. */
export function breakBefore(text: string, offset: number): string {
  if (text[offset - 1] !== '\n') return ''
  return text[offset - 2] === '\r' ? '\r\n' : '\n'
}

/** What stands in parentheses, or behind a cast. */
export function bare(node: Node): Node {
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSTypeAssertion':
    case 'TSNonNullExpression':
      return bare(node.expression)
    default:
      return node
  }
}

/** What an expression is to those who use it: itself with its parentheses and casts, and what that stands in. */
export function surroundings(source: Source, node: Node): { readonly outer: Node; readonly parent: Node | null } {
  let outer = node
  for (;;) {
    const parent = source.parents.get(outer) ?? null
    if (parent === null || bare(parent) === parent) return { outer, parent }
    outer = parent
  }
}
