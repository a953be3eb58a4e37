import type { JSXAttributeItem, JSXElement, JSXElementName, JSXFragment } from 'oxc-parser'
import type { Expr, ObjectMember } from '../ir.ts'
import { lowerExpression, noteAlias, noteCall } from './expressions.ts'
import { findValue, type Lowering } from './scope.ts'

/** An element of a component is a call of it with its properties; of others only what is evaluated inside counts. */
export function lowerJsx(lowering: Lowering, node: JSXElement | JSXFragment): Expr {
  const children = node.children.flatMap((child): Expr[] => {
    switch (child.type) {
      case 'JSXElement':
      case 'JSXFragment':
        return [lowerJsx(lowering, child)]
      case 'JSXExpressionContainer':
        return child.expression.type === 'JSXEmptyExpression' ? [] : [lowerExpression(lowering, child.expression)]
      case 'JSXSpreadChild':
        return [lowerExpression(lowering, child.expression)]
      default:
        return []
    }
  })
  if (node.type === 'JSXFragment') return { k: 'effects', of: children }
  const { name, attributes } = node.openingElement
  const members = attributes.map((one) => lowerAttribute(lowering, one))
  const callee = lowerElementName(lowering, name)
  if (!callee) return { k: 'effects', of: [{ k: 'object', members }, ...children] }
  const [only] = children
  if (only) {
    const value: Expr = children.length === 1 ? only : { k: 'array', items: children }
    members.push({ k: 'value', name: 'children', value })
  }
  noteCall(lowering, callee)
  const at = lowering.position(name.start)
  return { k: 'call', callee, args: [{ k: 'object', members }], ats: [at], jsx: true, at }
}

function lowerAttribute(lowering: Lowering, node: JSXAttributeItem): ObjectMember {
  if (node.type === 'JSXSpreadAttribute') return { k: 'spread', value: lowerExpression(lowering, node.argument) }
  const name = node.name.type === 'JSXIdentifier' ? node.name.name : node.name.name.name
  const { value } = node
  if (value === null) return { k: 'value', name, value: { k: 'literal', value: true } }
  if (value.type === 'JSXExpressionContainer')
    return {
      k: 'value',
      name,
      value:
        value.expression.type === 'JSXEmptyExpression'
          ? { k: 'effects', of: [] }
          : noteAlias(lowering, name, lowerExpression(lowering, value.expression, name)),
    }
  return {
    k: 'value',
    name,
    value: value.type === 'Literal' ? { k: 'text', text: value.value } : lowerJsx(lowering, value),
  }
}

function lowerElementName(lowering: Lowering, node: JSXElementName): Expr | null {
  if (node.type === 'JSXIdentifier') {
    // Small letters are elements of the page.
    const slot = /^[a-z]/.test(node.name) ? undefined : findValue(lowering.scope, node.name)
    return slot === undefined ? null : { k: 'ref', slot }
  }
  if (node.type === 'JSXNamespacedName') return null
  const object = lowerElementName(lowering, node.object as JSXElementName)
  return object && { k: 'member', object, name: node.property.name, at: lowering.position(node.property.start) }
}
