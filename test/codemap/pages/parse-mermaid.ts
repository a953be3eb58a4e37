import DOMPurify from 'dompurify'

interface Flowchart {
  getVertices(): Map<string, { text?: string }>
  getEdges(): readonly unknown[]
}

// Mermaid wants a browser for one thing only: to sanitize the HTML of labels. The grammar doesn't need it.
const purify = DOMPurify as unknown as { addHook?: () => void; sanitize?: (text: string) => string }
purify.addHook ??= () => {}
purify.sanitize ??= (text) => text

/** Reads a diagram with Mermaid's own parser. Throws where it finds an error; GitHub shows that error instead of a diagram. */
export async function parseMermaid(text: string): Promise<{ nodes: Map<string, string>; edges: number }> {
  const { default: mermaid } = await import('mermaid')
  const { diagramType } = await mermaid.parse(text)
  if (diagramType !== 'flowchart-v2') throw new Error(`it is a ${diagramType}`)
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text)
  const chart = db as unknown as Flowchart
  const nodes = [...chart.getVertices()].map(([id, { text: label }]): [string, string] => [id, label ?? ''])
  return { nodes: new Map(nodes), edges: chart.getEdges().length }
}

/** The diagrams of a page of Markdown. */
export function diagramsOf(page: string): string[] {
  return [...page.matchAll(/^```mermaid\n(.*?)^```$/gms)].map(([, text = '']) => text)
}
