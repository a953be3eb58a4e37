import type { Callback } from '../code-graph.ts'
import type { Interaction, Place } from '../interaction.ts'
import { groupBy } from './group-by.ts'

/**
 * The same interactions, those in a callback that a loop runs with the callback for their function: twenty routes in one
 * file are twenty functions to whoever asks what is done together.
 */
export function locateInteractions(
  interactions: readonly Interaction[],
  callbacks: readonly Callback[],
): Interaction[] {
  const byFile = groupBy(callbacks, (one) => one.file)
  return interactions.map((one) => {
    const around = (byFile.get(one.file) ?? []).filter(({ from, to }) => !isBefore(one, from) && isBefore(one, to))
    // The innermost begins last.
    const inner = around.reduce<Callback | null>(
      (last, next) => (last && isBefore(next.from, last.from) ? last : next),
      null,
    )
    return inner === null ? one : { ...one, function: inner.id.slice(inner.id.indexOf('#') + 1) }
  })
}

function isBefore(a: Pick<Place, 'line' | 'column'>, b: Pick<Place, 'line' | 'column'>): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column)
}
