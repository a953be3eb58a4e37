import { type Candidate, nameOf } from '../overlap/candidate.ts'
import { familyOf } from '../overlap/column-family.ts'
import { KeyProfiles } from '../overlap/key-profiles.ts'
import type { KeyForm, KeyProfile, OverlapDocument } from '../overlap/overlap-document.ts'
import type { Reader } from '../overlap/read-only-session.ts'

/**
 * The report with a profile of every column that a group's tables could be merged by. It has them for the columns by which it
 * joined two tables, which may be others; and a merge by a key that was never counted could lose rows.
 */
export async function readMissingProfiles(
  reader: Reader,
  overlap: OverlapDocument,
  candidates: readonly Candidate[],
): Promise<OverlapDocument> {
  const profiles = new KeyProfiles(reader)
  const found: KeyProfile[] = []
  for (const group of overlap.groups) {
    const identity = overlap.identities.find((one) => one.name === group.key && one.kind === 'key')
    for (const { table, column } of identity?.members ?? []) {
      const isKnown = overlap.keys.some((one) => one.table === table && one.columns.join() === column)
      const candidate = candidates.find((one) => one.table.name === table)
      if (!group.tables.includes(table) || isKnown || !candidate || candidate.unreadable !== null) continue
      reader.log.progress(`counting the keys of ${nameOf(candidate.table)}`)
      const profile = await readProfile(profiles, candidate, column)
      if (profile !== null) found.push({ ...profile, table })
    }
  }
  return { ...overlap, keys: [...overlap.keys, ...found] }
}

/** In the form in which its values are written alike: first as they are, then as their spelling asks for. */
async function readProfile(profiles: KeyProfiles, candidate: Candidate, name: string): Promise<KeyProfile | null> {
  const column = candidate.columns.find((one) => one.name === name)
  if (!column) return null
  const family = familyOf(column)
  const plain: KeyForm = family === 'uuid' || family === 'integer' ? family : 'text'
  const profile = await profiles.read(candidate, [column], plain)
  if (profile?.spelling == null) return profile
  const { uuids, withCapitals, withBlanksAround } = profile.spelling
  if (uuids > 0) return await profiles.read(candidate, [column], 'undashed')
  return withCapitals + withBlanksAround > 0 ? await profiles.read(candidate, [column], 'folded') : profile
}
