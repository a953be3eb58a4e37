import { API_READS } from './list/api-reads.ts'
import { APPLIER } from './list/applier.ts'
import { BACKFILLED, PRECONDITIONS } from './list/backfill.ts'
import { FAMILIES } from './list/families.ts'
import { FORWARDED } from './list/forward.ts'
import { GUARD, SETTINGS } from './list/guard-and-capture.ts'
import { LINKED } from './list/links.ts'
import { IMAGES, PROJECTED } from './list/meaning.ts'
import { RIGHTS } from './list/rights.ts'
import { SHADOW_READS } from './list/shadow-reads.ts'
import { STAGES } from './list/stages.ts'
import { REVERSED } from './list/two-sides.ts'
import type { Rule } from './rule.ts'

export const PARTS: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  { title: 'Guard and capture', rules: GUARD },
  { title: 'Settings of the session', rules: SETTINGS },
  { title: 'A write by an old name', rules: FORWARDED },
  { title: 'The applier', rules: APPLIER },
  { title: 'Rows that are linked', rules: LINKED },
  { title: 'A native write', rules: REVERSED },
  { title: 'What a new row is', rules: PROJECTED },
  { title: 'Images, not equality', rules: IMAGES },
  { title: 'Parents, children, uniques', rules: FAMILIES },
  { title: 'Rights', rules: RIGHTS },
  { title: 'Reads over the API', rules: API_READS },
  { title: 'Shadow reads', rules: SHADOW_READS },
  { title: 'Before anything is built', rules: PRECONDITIONS },
  { title: 'Backfill', rules: BACKFILLED },
  { title: 'Verification, gates, ways back', rules: STAGES },
]

export const RULES: readonly Rule[] = PARTS.flatMap(({ rules }) => rules)
