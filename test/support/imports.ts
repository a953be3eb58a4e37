/** One `import` or `export … from` of a source file. */
export interface Import {
  readonly from: string
  readonly typeOnly: boolean
}

const STATEMENT = /^[ \t]*(import|export)\s+(type\s+)?((?:[\w$*,\s]|\{[^}]*\})*?)\s*from\s*(['"])([^'"]+)\4/gm
const FOR_EFFECT = /^[ \t]*import\s*(['"])([^'"]+)\1/gm
const DYNAMIC = /\b(?:import|require|(?:require|import\.meta)\.resolve)\s*\(\s*(['"])([^'"]+)\1/g

/**
 * What a source file imports, in no order. TypeScript 7 has no compiler API, and our own code is formatted by biome,
 * so its statements can be read with three patterns. `import { type A, type B }` counts as type-only.
 */
export function readImports(source: string): Import[] {
  const code = stripComments(source)
  const found: Import[] = []
  for (const [, , type, clause = '', , from = ''] of code.matchAll(STATEMENT)) {
    found.push({ from, typeOnly: type !== undefined || namesTypesOnly(clause) })
  }
  for (const [, , from = ''] of code.matchAll(FOR_EFFECT)) found.push({ from, typeOnly: false })
  for (const [, , from = ''] of code.matchAll(DYNAMIC)) found.push({ from, typeOnly: isTypeQuery(code, from) })
  return found
}

function namesTypesOnly(clause: string): boolean {
  const names = /^\{([^}]*)\}$/.exec(clause.trim())?.[1]
  const list = (names ?? '').split(',').filter((name) => name.trim() !== '')
  return list.length > 0 && list.every((name) => /^\s*type\s/.test(name))
}

/** `import('pg').Pool` in the place of a type, never awaited. */
function isTypeQuery(code: string, from: string): boolean {
  const quoted = from.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`[:<|&=]\\s*(typeof\\s+)?import\\(['"]${quoted}['"]\\)\\.[A-Z]`).test(code)
}

/** Comments go, strings and templates stay as they are. */
export function stripComments(source: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g
  return source.replaceAll(token, (text) => (text.startsWith('/*') || text.startsWith('//') ? '' : text))
}
