import type { Operation } from '../interaction.ts'
import type { TableClass } from '../interaction-map.ts'
import { mermaidClasses, mermaidLabel, mermaidLines } from './mermaid-text.ts'

export interface DiagramNode {
  /** Told apart by it; what is drawn gets an id of its own. */
  readonly key: string
  readonly lines: readonly string[]
  readonly shape: 'table' | 'tables' | 'file' | 'folder'
  readonly class: TableClass | 'file'
}

export interface DiagramEdge {
  readonly from: string
  readonly to: string
  readonly label: string
  readonly kind: 'writes' | 'reads'
}

/** The most of each that is read without getting lost in it. */
export const MOST_NODES = 25
export const MOST_EDGES = 30

const SHAPES: { readonly [shape in DiagramNode['shape']]: readonly [string, string] } = {
  table: ['[(', ')]'],
  tables: ['[[', ']]'],
  file: ['(', ')'],
  folder: ['[', ']'],
}

/**
 * A Mermaid flowchart, from the left or from the top: thick lines write, dotted lines only read. Names stand in quoted labels alone; ids are numbered,
 * so no name can be taken for syntax.
 */
export function drawDiagram(
  nodes: readonly DiagramNode[],
  edges: readonly DiagramEdge[],
  direction: 'LR' | 'TB' = 'LR',
): string[] {
  const ids = new Map(nodes.map(({ key }, index) => [key, `n${index + 1}`]))
  return [
    `flowchart ${direction}`,
    ...nodes.map(({ key, lines, shape, class: name }) => {
      const [open, close] = SHAPES[shape]
      return `  ${ids.get(key)}${open}${mermaidLines(lines)}${close}:::${name}`
    }),
    ...edges.flatMap(({ from, to, label, kind }) => {
      const [one, other] = [ids.get(from), ids.get(to)]
      if (one === undefined || other === undefined) return []
      const arrow = kind === 'writes' ? '==>' : '-.->'
      return [`  ${one} ${arrow}|${mermaidLabel(label)}| ${other}`]
    }),
    ...mermaidClasses(nodes.map((node) => node.class)),
  ]
}

export function isWriting(operations: readonly Operation[]): boolean {
  return operations.some((one) => one !== 'select')
}
