import type { Node } from 'oxc-parser'
import { memberName } from './imported.ts'
import { bare } from './source.ts'

/** Functions that only read a setting. */
const READERS = /^(?!(set|write|create|delete|remove|reset|save|update|init))\w*(env|config|secret|setting|variable)/i
const STORES = /(^|[a-z_])(env|config|configService|settings|secrets)$/i
const READING = /^(get|getOrThrow|require|string|str|asString|public)$/
const OF_TEXTS = /^(trim|toString|replace|replaceAll|toLowerCase)$/

/** Whether an expression gives the same a second time, and does nothing else: it may be written twice. */
export function isPlain(given: Node): boolean {
  const node = bare(given)
  switch (node.type) {
    case 'Identifier':
    case 'ThisExpression':
    case 'Literal':
    case 'MetaProperty':
      return true
    case 'TemplateLiteral':
      return node.expressions.every(isPlain)
    case 'MemberExpression':
      return isPlain(node.object) && (!node.computed || isPlain(node.property))
    case 'ChainExpression':
      return isPlain(node.expression)
    case 'LogicalExpression':
    case 'BinaryExpression':
      return isPlain(node.left) && isPlain(node.right)
    case 'ConditionalExpression':
      return isPlain(node.test) && isPlain(node.consequent) && isPlain(node.alternate)
    case 'UnaryExpression':
      return node.operator !== 'delete' && isPlain(node.argument)
    case 'CallExpression':
      return readsSetting(node)
    default:
      return false
  }
}

/** `Deno.env.get('SUPABASE_URL')`, `requireEnv('SUPABASE_URL')`, `config.get('url').trim()` */
function readsSetting({ callee, arguments: given }: Node & { type: 'CallExpression' }): boolean {
  if (!given.every((one) => one.type === 'Literal')) return false
  const called = bare(callee)
  if (called.type === 'Identifier') return READERS.test(called.name)
  if (called.type !== 'MemberExpression') return false
  const method = memberName(called) ?? ''
  if (READERS.test(method)) return isPlain(called.object)
  if (OF_TEXTS.test(method)) return isPlain(called.object)
  const of = bare(called.object)
  const store = of.type === 'Identifier' ? of.name : of.type === 'MemberExpression' ? (memberName(of) ?? '') : ''
  return READING.test(method) && STORES.test(store) && isPlain(of)
}
