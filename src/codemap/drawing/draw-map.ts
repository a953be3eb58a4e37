import type { InteractionMap } from '../interaction-map.ts'
import { collectUsages } from '../pages/usage.ts'
import { describeGroups } from './describe-groups.ts'
import { describeTables } from './describe-tables.ts'
import type { Drawing } from './drawing.ts'
import { layOut } from './layout.ts'
import { renderSvg } from './render-svg.ts'

/** What one drawing holds with a box for each table and each file; beyond that they are gathered in boxes. */
const MOST_BOXES = 40
const MOST_LINES = 60

/** The whole map as one SVG that needs nothing else. `toRoot` leads from its folder to the root of the code, for links. */
export function drawMap(map: InteractionMap, toRoot: string): string {
  const drawing = describeMap(map, toRoot)
  return renderSvg(drawing, layOut(drawing))
}

/** What is drawn: a box for each table and each file, or, of many, boxes that hold them. */
export function describeMap(map: InteractionMap, toRoot: string): Drawing {
  const usages = [...collectUsages(map).values()].flat()
  const files = new Set(usages.map((usage) => usage.file)).size
  const small = map.tables.length + files <= MOST_BOXES && usages.length <= MOST_LINES
  return small ? describeTables(map, usages, toRoot) : describeGroups(map, usages, toRoot)
}
