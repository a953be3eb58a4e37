/** What a configuration is called where nobody names it. */
export const CONFIG_NAMES = ['crossfade.config.ts', 'crossfade.config.js', 'crossfade.config.mjs']

/** Of the migration that finish leaves for the user's own folder: the one artifact that is meant to become the program's. */
export const BASELINE_NAME = /^\d{14}_final_schema\.sql$/

const MARK = '-- Crossfade artifact'

/** An SQL artifact says in its first line what it is, so that nobody takes it for a part of the program, whatever its folder. */
export function markArtifact(name: string, content: string): string {
  if (!name.endsWith('.sql') || BASELINE_NAME.test(name) || isMarked(content)) return content
  return `${MARK} ${name}: written for people to read; no part of the program.\n${content}`
}

/** Whether a text begins as `markArtifact` has it. */
export function isMarked(content: string): boolean {
  return content.replace(/^\uFEFF/, '').startsWith(MARK)
}
