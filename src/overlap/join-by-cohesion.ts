interface Group {
  readonly items: string[]
  /** Of its own pairs, on average; 1 for a single item, which holds to nothing yet. */
  readonly within: number
}

/** Two groups become one only where they hold together nearly as well as each of them does by itself. */
const COHESION = 0.75
const LEAST = 0.45
const MOST = 12

/**
 * Groups of items that are alike, by average linkage: two single items need a likeness of `likely`, groups an average that
 * is not much below their own. Facts go over into each other in a database (a draft, its post, its figures), and a fixed
 * bound either leaves twins apart or takes it all for one.
 */
export function joinByCohesion(
  items: readonly string[],
  likeness: (a: string, b: string) => number,
  likely: number,
): string[][] {
  // What is like nothing else has no part in it: of a thousand tables that is most of them.
  const alike = items.filter((one) => items.some((other) => other !== one && likeness(one, other) >= LEAST))
  let groups: Group[] = alike.map((item) => ({ items: [item], within: 1 }))
  for (;;) {
    const best = findBest(groups, likeness, likely)
    if (best === null) return groups.map((group) => group.items)
    const items = [...best.left.items, ...best.right.items]
    groups = [...groups.filter((group) => group !== best.left && group !== best.right), { items, within: best.within }]
  }
}

function findBest(groups: readonly Group[], likeness: (a: string, b: string) => number, likely: number) {
  let best: { left: Group; right: Group; score: number; within: number } | null = null
  for (const [at, left] of groups.entries())
    for (const right of groups.slice(at + 1)) {
      if (left.items.length + right.items.length > MOST) continue
      const score = averageOf(left.items, right.items, likeness)
      const grown = [left, right].filter((group) => group.items.length > 1)
      const least =
        grown.length === 0 ? likely : Math.max(LEAST, COHESION * Math.min(...grown.map((one) => one.within)))
      if (score < least || (best !== null && score <= best.score)) continue
      best = { left, right, score, within: joinAverages(left, right, score) }
    }
  return best
}

function averageOf(
  left: readonly string[],
  right: readonly string[],
  likeness: (a: string, b: string) => number,
): number {
  let sum = 0
  for (const a of left) for (const b of right) sum += likeness(a, b)
  return sum / (left.length * right.length)
}

function joinAverages(left: Group, right: Group, between: number): number {
  const pairs = ({ items }: Group) => (items.length * (items.length - 1)) / 2
  const across = left.items.length * right.items.length
  const sum = left.within * pairs(left) + right.within * pairs(right) + between * across
  return sum / (pairs(left) + pairs(right) + across)
}
