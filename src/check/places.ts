import type { Place } from '../codemap/interaction.ts'

/** `src/posts.ts:12`, each once, in the order of the code. */
export function placesOf(places: readonly Place[]): string[] {
  return [...new Set(places.map(({ file, line }) => `${file}:${line}`))]
}
