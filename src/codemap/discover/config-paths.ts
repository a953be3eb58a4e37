import { posix } from 'node:path'
import { type Expression, type ObjectExpression, type Program, parseSync } from 'oxc-parser'

/**
 * The files that a mapping names (the new schema's DDL, what finish runs), from the same root as the mapping's own path:
 * read from its text, so that nothing of it runs. Only paths that stand in it as they are.
 */
export function readConfigPaths(file: string, text: string): string[] {
  const { program } = parseSync(file, text)
  const config = objectOf(exportedBy(program), program)
  if (config === null) return []
  const finish = objectOf(propertyOf(config, 'finish'), program)
  const named = [propertyOf(config, 'schema'), finish === null ? null : propertyOf(finish, 'also')]
  return named.flatMap((value) =>
    value?.type === 'Literal' && typeof value.value === 'string' ? posix.join(posix.dirname(file), value.value) : [],
  )
}

/**
 * The text at a place of a tool's configuration (`['migrations', 'path']`): undefined where nothing is there, null where what
 * is there isn't told by the file alone.
 */
export function readConfigText(file: string, text: string, place: readonly string[]): string | null | undefined {
  const { program } = parseSync(file, text)
  let value = exportedBy(program)
  for (const name of place) {
    const object = objectOf(value, program)
    if (object === null) return null
    value = propertyOf(object, name)
    if (value === null) return object.properties.some((one) => one.type === 'SpreadElement') ? null : undefined
  }
  return value?.type === 'Literal' && typeof value.value === 'string' ? value.value : null
}

function exportedBy({ body }: Program): Expression | null {
  for (const one of body) {
    if (one.type === 'ExportDefaultDeclaration' && one.declaration.type !== 'FunctionDeclaration')
      return one.declaration as Expression
    // module.exports = { … }
    if (one.type === 'ExpressionStatement' && one.expression.type === 'AssignmentExpression') {
      const { left, right } = one.expression
      if (left.type === 'MemberExpression' && left.property.type === 'Identifier' && left.property.name === 'exports')
        return right
    }
  }
  return null
}

/** The object that an expression is: as it stands, handed to `defineConfig`, or kept in a variable of the file. */
function objectOf(value: Expression | null, program: Program): ObjectExpression | null {
  switch (value?.type) {
    case 'ObjectExpression':
      return value
    case 'CallExpression':
      return value.arguments[0] === undefined ? null : objectOf(value.arguments[0] as Expression, program)
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'ParenthesizedExpression':
      return objectOf(value.expression, program)
    case 'Identifier':
      return objectOf(initialValue(program, value.name), program)
    default:
      return null
  }
}

function initialValue({ body }: Program, name: string): Expression | null {
  const declared = body.flatMap((one) => (one.type === 'VariableDeclaration' ? one.declarations : []))
  const found = declared.find(({ id }) => id.type === 'Identifier' && id.name === name)?.init ?? null
  // `const a = a` would lead in a circle.
  return found?.type === 'Identifier' ? null : found
}

function propertyOf(object: ObjectExpression, name: string): Expression | null {
  for (const one of object.properties) {
    if (one.type !== 'Property' || one.computed) continue
    if (one.key.type === 'Identifier' ? one.key.name === name : one.key.type === 'Literal' && one.key.value === name)
      return one.value
  }
  return null
}
