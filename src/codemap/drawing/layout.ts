import dagre from '@dagrejs/dagre'
import { labelSize, shapeOf, widen } from './box-size.ts'
import { connectedParts } from './connected-parts.ts'
import type { Area, BoxShape, Drawing, Layout, Line, Point } from './drawing.ts'
import { packParts } from './pack-parts.ts'

const BETWEEN_BOXES = 28
const BETWEEN_RANKS = 150
const BETWEEN_LINES = 14
const BETWEEN_PARTS = 40
const MARGIN = 24
/** Pixels from a corner of a box to the first line. */
const CORNER = 10

/** A place in the direction of the flow (`along`) and across it, whichever way the drawing runs. */
interface Spot {
  readonly along: number
  readonly across: number
}

interface Band {
  readonly from: number
  readonly to: number
}

/**
 * Puts the boxes of each connected part into layers (dagre, after Gansner et al. 1993), then leads each line from a
 * place of its own at the edge of its box through the gaps between layers. Lines run straight through a layer, at the
 * place that dagre has kept free for them, and bend in the gaps alone; so none can touch a box that isn't its own. The
 * parts are then put beside and below each other.
 */
export function layOut(drawing: Drawing): Layout {
  const shapes = shapesOf(drawing)
  const parts = connectedParts(drawing).map((part) => layOutPart(part, shapes))
  const { corners, ...size } = packParts(parts, BETWEEN_PARTS)
  const areas = new Map<string, Area>()
  const ways = new Map<Line, readonly Point[]>()
  const labels = new Map<Line, Point>()
  for (const [index, part] of parts.entries()) {
    const corner = corners[index] ?? { x: 0, y: 0 }
    for (const [id, area] of part.areas) areas.set(id, { ...area, ...shift(area, corner) })
    for (const [line, way] of part.ways)
      ways.set(
        line,
        way.map((point) => shift(point, corner)),
      )
    for (const [line, point] of part.labels) labels.set(line, shift(point, corner))
  }
  return { width: size.width + 2 * MARGIN, height: size.height + 2 * MARGIN, areas, ways, labels, shapes }
}

function shift({ x, y }: Point, corner: Point): Point {
  return { x: x + corner.x + MARGIN, y: y + corner.y + MARGIN }
}

/** Boxes with rows are as wide as the widest of their kind: a column of them has straight edges. */
function shapesOf({ boxes }: Drawing): Map<string, BoxShape> {
  const shapes = boxes.map((box) => [box, shapeOf(box)] as const)
  return new Map(
    shapes.map(([box, shape]) => {
      const alike = shapes.filter(([other]) => box.rows.length > 0 && other.rows.length > 0 && other.kind === box.kind)
      return [box.id, widen(shape, Math.max(shape.width, ...alike.map(([, other]) => other.width)))]
    }),
  )
}

type Part = Omit<Layout, 'shapes'>

function layOutPart(drawing: Drawing, shapes: ReadonlyMap<string, BoxShape>): Part {
  const down = drawing.direction === 'down'
  const graph = new dagre.graphlib.Graph({ multigraph: true })
  const ranksep = down ? BETWEEN_RANKS / 2 : BETWEEN_RANKS
  graph.setGraph({ rankdir: down ? 'TB' : 'LR', nodesep: BETWEEN_BOXES, ranksep, edgesep: BETWEEN_LINES })
  for (const { id } of drawing.boxes) {
    const { width = 0, height = 0 } = shapes.get(id) ?? {}
    graph.setNode(id, { width, height })
  }
  for (const [index, { from, to, weight, label }] of drawing.lines.entries()) {
    const size = label === '' ? { width: 0, height: 0 } : labelSize(label)
    graph.setEdge(from, to, { ...size, weight: 1 + Math.log2(weight), labelpos: 'c' }, String(index))
  }
  dagre.layout(graph)
  const areas = new Map(drawing.boxes.map(({ id }) => [id, areaOf(graph.node(id))]))
  const edges = drawing.lines.map(({ from, to }, index) => graph.edge(from, to, String(index)))
  // The first and the last are where dagre meets the boxes; the lines get places of their own.
  const bends = edges.map(({ points }) => points.slice(1, -1).map((point: Point) => spotOf(point, down)))
  const labels = drawing.lines.flatMap((line, index): [Line, Point][] => {
    const { x, y } = edges[index] ?? {}
    return line.label === '' || x === undefined || y === undefined ? [] : [[line, { x, y }]]
  })
  const { width = 0, height = 0 } = graph.graph()
  return { width, height, areas, ways: leadLines(drawing.lines, areas, bends, down), labels: new Map(labels) }
}

function leadLines(
  lines: readonly Line[],
  areas: ReadonlyMap<string, Area>,
  bends: readonly (readonly Spot[])[],
  down: boolean,
): Map<Line, Point[]> {
  const bands = collectBands([...areas.values()], down)
  const ends = lines.flatMap((line, index) => {
    const spots = bends[index] ?? []
    return [
      { index, box: line.from, next: spots[0] ?? centerOf(areas.get(line.to), down) },
      { index, box: line.to, next: spots.at(-1) ?? centerOf(areas.get(line.from), down) },
    ]
  })
  const docks = new Map<(typeof ends)[number], Spot>()
  for (const [id, area] of areas) {
    const center = centerOf(area, down)
    const own = ends.filter((end) => end.box === id)
    for (const forward of [true, false]) {
      const side = own.filter((end) => end.next.along >= center.along === forward)
      side.sort((a, b) => a.next.across - b.next.across)
      for (const [position, end] of side.entries()) docks.set(end, dockAt(area, down, forward, position, side.length))
    }
  }
  return new Map(
    lines.map((line, index) => {
      const [first, last] = [ends[2 * index], ends[2 * index + 1]]
      const [start, end] = [first && docks.get(first), last && docks.get(last)]
      // Between neighbouring layers a single bend is enough, unless a label stands on it.
      const inner = (bends[index] ?? []).filter(
        (spot, _at, all) => all.length > 1 || line.label !== '' || !inGap(spot, bands),
      )
      const spots = start && end ? [start, ...inner, end] : []
      const all = throughBands(spots, bands)
      const distinct = all.filter(
        ({ along, across }, at) => along !== all[at - 1]?.along || across !== all[at - 1]?.across,
      )
      return [line, distinct.map((spot) => pointOf(spot, down))]
    }),
  )
}

/** Layers overlap with nothing along the flow: everything that overlaps is one layer. */
function collectBands(areas: readonly Area[], down: boolean): Band[] {
  const spans = areas.map((area) => {
    const from = down ? area.y : area.x
    return { from, to: from + (down ? area.height : area.width) }
  })
  const bands: { from: number; to: number }[] = []
  for (const span of spans.sort((a, b) => a.from - b.from)) {
    const last = bands.at(-1)
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else bands.push({ ...span })
  }
  return bands
}

function inGap({ along }: Spot, bands: readonly Band[]): boolean {
  return bands.every(({ from, to }) => along < from || along > to)
}

/** Where a line passes a layer it goes in and out at the same height, from edge to edge. */
function throughBands(spots: readonly Spot[], bands: readonly Band[]): Spot[] {
  return spots.flatMap((spot, index) => {
    const band = bands.find(({ from, to }) => spot.along >= from - 1 && spot.along <= to + 1)
    if (band === undefined) return [spot]
    const forward = (spots[index + 1] ?? spot).along > (spots[index - 1] ?? spot).along
    const [near, far] = forward ? [band.from, band.to] : [band.to, band.from]
    if (index === 0) return [spot, { ...spot, along: far }]
    if (index === spots.length - 1) return [{ ...spot, along: near }, spot]
    return [
      { ...spot, along: near },
      { ...spot, along: far },
    ]
  })
}

/** Lines are spread over the side of the box, in the order in which they arrive. */
function dockAt(area: Area, down: boolean, forward: boolean, position: number, count: number): Spot {
  const length = (down ? area.width : area.height) - 2 * CORNER
  const across = (down ? area.x : area.y) + CORNER + (length * (position + 1)) / (count + 1)
  const near = down ? area.y : area.x
  return { along: forward ? near + (down ? area.height : area.width) : near, across }
}

function areaOf(node: { x: number; y: number; width: number; height: number }): Area {
  const { x, y, width, height } = node
  return { x: x - width / 2, y: y - height / 2, width, height }
}

function centerOf(area: Area | undefined, down: boolean): Spot {
  if (area === undefined) return { along: 0, across: 0 }
  return spotOf({ x: area.x + area.width / 2, y: area.y + area.height / 2 }, down)
}

function spotOf({ x, y }: Point, down: boolean): Spot {
  return down ? { along: y, across: x } : { along: x, across: y }
}

function pointOf({ along, across }: Spot, down: boolean): Point {
  return down ? { x: across, y: along } : { x: along, y: across }
}
