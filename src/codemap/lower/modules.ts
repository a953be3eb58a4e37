import type { ModuleExportName, Statement } from 'oxc-parser'
import type { ExportIr } from '../ir.ts'
import { lowerClass } from './classes.ts'
import { lowerExpression, requestModule } from './expressions.ts'
import { boundNames } from './hoist.ts'
import { declareBoth, findType, findValue, type Lowering, share } from './scope.ts'
import { lowerDeclaration } from './statements.ts'

type ModuleStatement = Extract<
  Statement,
  {
    type:
      | 'ImportDeclaration'
      | 'ExportAllDeclaration'
      | 'ExportDefaultDeclaration'
      | 'ExportNamedDeclaration'
      | 'TSExportAssignment'
      | 'TSImportEqualsDeclaration'
  }
>

/** Imports and exports. */
export function lowerModuleStatement(lowering: Lowering, node: ModuleStatement): void {
  const { ir, scope } = lowering
  switch (node.type) {
    case 'ImportDeclaration': {
      const from = node.source.value
      requestModule(lowering, from)
      for (const one of node.specifiers) {
        const name =
          one.type === 'ImportSpecifier'
            ? nameOf(one.imported)
            : one.type === 'ImportDefaultSpecifier'
              ? 'default'
              : '*'
        declareBoth(scope, ir, one.local.name).defs.push({ k: 'import', from, name })
      }
      return
    }
    case 'TSImportEqualsDeclaration': {
      if (node.moduleReference.type !== 'TSExternalModuleReference') return
      const from = node.moduleReference.expression.value
      requestModule(lowering, from)
      declareBoth(scope, ir, node.id.name).defs.push({ k: 'import', from, name: '=' })
      return
    }
    case 'ExportAllDeclaration': {
      const from = node.source.value
      requestModule(lowering, from)
      ir.exports.push(
        node.exported ? { name: nameOf(node.exported), k: 'from', from, imported: '*' } : { k: 'all', from },
      )
      return
    }
    case 'ExportNamedDeclaration':
      exportNamed(lowering, node)
      return
    case 'ExportDefaultDeclaration':
      exportDefault(lowering, node)
      return
    case 'TSExportAssignment':
      ir.wholeExports.push(share(lowering, lowerExpression(lowering, node.expression)))
  }
}

function exportNamed(lowering: Lowering, node: Extract<Statement, { type: 'ExportNamedDeclaration' }>): void {
  const { ir } = lowering
  if (node.declaration) {
    lowerDeclaration(lowering, node.declaration)
    for (const name of declaredNames(node.declaration)) exportSlot(lowering, name, name)
    return
  }
  const from = node.source?.value
  if (from !== undefined) requestModule(lowering, from)
  for (const { local, exported } of node.specifiers) {
    if (from === undefined) exportSlot(lowering, nameOf(local), nameOf(exported))
    else ir.exports.push({ name: nameOf(exported), k: 'from', from, imported: nameOf(local) })
  }
}

/** A value and a type of one name are both exported under it. */
function exportSlot({ ir, scope }: Lowering, local: string, name: string): void {
  const slots = new Set([findValue(scope, local), findType(scope, local)])
  for (const slot of slots) if (slot !== undefined) ir.exports.push({ name, k: 'slot', slot } satisfies ExportIr)
}

function exportDefault(lowering: Lowering, node: Extract<Statement, { type: 'ExportDefaultDeclaration' }>): void {
  const { declaration } = node
  switch (declaration.type) {
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
      if (declaration.id) {
        lowerDeclaration(lowering, declaration)
        exportSlot(lowering, declaration.id.name, 'default')
        return
      }
      if (declaration.type === 'ClassDeclaration')
        exportValue(lowering, { k: 'class', class: lowerClass(lowering, declaration, 'default') })
      else if (declaration.type === 'FunctionDeclaration')
        exportValue(lowering, lowerExpression(lowering, declaration, 'default'))
      return
    case 'TSDeclareFunction':
      return
    default:
      exportValue(lowering, lowerExpression(lowering, declaration as never, 'default'))
  }
}

function exportValue(lowering: Lowering, expr: Parameters<typeof share>[1]): void {
  const value = share(lowering, expr)
  lowering.ir.functions[0]?.body.push({ k: 'shared', value })
  lowering.ir.exports.push({ name: 'default', k: 'value', value })
}

function declaredNames(node: Parameters<typeof lowerDeclaration>[1]): string[] {
  if (node.type === 'VariableDeclaration') return node.declarations.flatMap(({ id }) => boundNames(id))
  return 'id' in node && node.id && node.id.type === 'Identifier' ? [node.id.name] : []
}

function nameOf(node: ModuleExportName): string {
  return node.type === 'Literal' ? node.value : node.name
}
