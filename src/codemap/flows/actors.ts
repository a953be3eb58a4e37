import type { FunctionId } from '../code-graph.ts'
import type { Interaction, Operation } from '../interaction.ts'
import type { Reach } from '../queries/reach.ts'
import { compareText, idOf, operationsOf } from '../queries/tables.ts'

/** All that one part of the program does with one table. */
export interface Access {
  readonly actor: string
  readonly table: string
  readonly operations: readonly Operation[]
  readonly interactions: readonly Interaction[]
  readonly onLoop: boolean
}

/** A function that more jobs than this use is nobody's own: what it does is told of its own file. */
const MOST_JOBS = 3

/**
 * Who does what, by file. What a loop runs is one job, also where the access stands in the file of a repository that it
 * calls; what runs on no loop that is known is told of the file that it stands in.
 */
export function collectAccesses(
  tables: readonly { readonly key: string; readonly running: readonly Interaction[] }[],
  reach: Reach,
): Access[] {
  const accesses: Access[] = []
  for (const { key, running } of tables) {
    const byActor = new Map<string, Interaction[]>()
    for (const interaction of running) {
      if (interaction.operation === 'ddl') continue
      for (const actor of actorsOf(interaction, reach)) {
        const known = byActor.get(actor)
        if (known) known.push(interaction)
        else byActor.set(actor, [interaction])
      }
    }
    for (const [actor, interactions] of [...byActor].sort(([a], [b]) => compareText(a, b))) {
      const operations = operationsOf(interactions)
      const onLoop = interactions.some((one) => reach.loopsTo(idOf(one)).size > 0)
      accesses.push({ actor, table: key, operations, interactions, onLoop })
    }
  }
  return accesses
}

function actorsOf(interaction: Interaction, reach: Reach): string[] {
  const jobs = new Set([...reach.loopsTo(idOf(interaction))].map((loop) => fileOf(loop.job)))
  return jobs.size === 0 || jobs.size > MOST_JOBS ? [interaction.file] : [...jobs]
}

function fileOf(id: FunctionId): string {
  return id.slice(0, id.indexOf('#'))
}

/** Names that say nothing without their folder. */
const BARE = /^(index|main|mod|route|routes|page|layout|handler|handlers|server|worker|queries|db|model|schema|\+\w+)$/i

/** A short name for each file, no two alike: `planJob`, `users/route`; as much of the path as it takes. */
export function nameModules(files: Iterable<string>): Map<string, string> {
  const paths = new Map([...new Set(files)].map((file) => [file, file.replace(/(\.d)?\.\w+$/, '').split('/')] as const))
  const depth = new Map([...paths].map(([file, parts]) => [file, BARE.test(parts.at(-1) ?? '') ? 2 : 1]))
  const nameOf = (file: string) => (paths.get(file) ?? []).slice(-(depth.get(file) ?? 1)).join('/')
  for (;;) {
    const taken = new Map<string, string[]>()
    for (const file of paths.keys()) taken.set(nameOf(file), [...(taken.get(nameOf(file)) ?? []), file])
    const clashing = [...taken.values()].filter((some) => some.length > 1).flat()
    const longer = clashing.filter((file) => (depth.get(file) ?? 1) < (paths.get(file)?.length ?? 0))
    if (longer.length === 0) break
    for (const file of longer) depth.set(file, (depth.get(file) ?? 1) + 1)
  }
  // `a.ts` and `a.js` side by side: nothing but the whole path tells them apart.
  const names = new Map([...paths.keys()].map((file) => [file, nameOf(file)]))
  const count = new Map<string, number>()
  for (const name of names.values()) count.set(name, (count.get(name) ?? 0) + 1)
  return new Map([...names].map(([file, name]) => [file, (count.get(name) ?? 0) > 1 ? file : name]))
}
