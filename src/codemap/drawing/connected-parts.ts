import { adjacency, follow } from '../queries/reach.ts'
import type { Drawing } from './drawing.ts'

/** The drawing in parts between which there is no line, the largest first; boxes without any line are one each. */
export function connectedParts(drawing: Drawing): Drawing[] {
  const { boxes, lines } = drawing
  const edges = adjacency(lines.flatMap(({ from, to }) => [[from, to] as const, [to, from] as const]))
  const placed = new Set<string>()
  const parts: Drawing[] = []
  for (const { id } of boxes) {
    if (placed.has(id)) continue
    const own = follow([id], edges)
    for (const one of own) placed.add(one)
    const part = { boxes: boxes.filter((box) => own.has(box.id)), lines: lines.filter((line) => own.has(line.from)) }
    parts.push({ ...drawing, ...part })
  }
  return parts.sort((a, b) => b.boxes.length - a.boxes.length)
}
