import type { SnapshotNeeds } from './schema-snapshot.ts'

const MOST_NAMED = 3

/** For each object that was left out: the first that need it, and how many more do. In the order of the objects. */
export function groupNeeds(objects: SnapshotNeeds['objects']): { object: string; neededBy: string[]; more: number }[] {
  const groups = new Map<string, string[]>()
  for (const { object, neededBy } of objects) {
    const group = groups.get(object)
    if (group === undefined) groups.set(object, [neededBy])
    else group.push(neededBy)
  }
  return [...groups].map(([object, all]) => {
    return { object, neededBy: all.slice(0, MOST_NAMED), more: Math.max(0, all.length - MOST_NAMED) }
  })
}
