interface Group<Item> {
  readonly items: Item[]
  /** By index of another group: the sum of the likenesses of all pairs between them. */
  readonly sums: Float64Array
}

/**
 * Agglomerative clustering with average linkage: the two groups whose items are most alike on average become one, as
 * long as that is `least` or more. A chain of weak links doesn't hold, so no group swallows the rest. `mostItems` keeps
 * groups from growing beyond it. O(n²) memory, and O(n²) work for each join; the same order in gives the same groups.
 */
export function joinByAverage<Item>(
  items: readonly Item[],
  likeness: (a: Item, b: Item) => number,
  least: number,
  mostItems = Number.POSITIVE_INFINITY,
): Item[][] {
  const groups: (Group<Item> | null)[] = items.map((one) => ({
    items: [one],
    sums: Float64Array.from(items, (other) => (other === one ? 0 : likeness(one, other))),
  }))
  for (;;) {
    const best = findBest(groups, mostItems)
    const [kept, gone] = [groups[best.left], groups[best.right]]
    if (best.score < least || !kept || !gone) break
    kept.items.push(...gone.items)
    groups[best.right] = null
    for (const [index, group] of groups.entries()) {
      if (!group) continue
      const sum = (kept.sums[index] ?? 0) + (gone.sums[index] ?? 0)
      kept.sums[index] = sum
      group.sums[best.left] = sum
    }
  }
  return groups.flatMap((group) => (group ? [group.items] : []))
}

function findBest<Item>(groups: readonly (Group<Item> | null)[], mostItems: number) {
  const best = { score: Number.NEGATIVE_INFINITY, left: -1, right: -1 }
  for (const [left, one] of groups.entries()) {
    if (!one) continue
    for (let right = left + 1; right < groups.length; right++) {
      const other = groups[right]
      if (!other || one.items.length + other.items.length > mostItems) continue
      const score = (one.sums[right] ?? 0) / (one.items.length * other.items.length)
      if (score > best.score) Object.assign(best, { score, left, right })
    }
  }
  return best
}
