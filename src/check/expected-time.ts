import { formatDuration } from '../lib/progress-line.ts'
import type { Mapping } from '../spec/mapping.ts'
import type { Found } from './finding.ts'

/** Seconds of `sync` for each in which the check reads and projects all rows: 4 to 15 were measured (docs/check.md). */
const LEAST_RATIO = 3
const MOST_RATIO = 15
const SOON = 60

/** `seconds`: of reading and projecting all rows. `unmeasured`: ways into new tables of which nothing could be told. */
export function tellTime(mapping: Mapping, seconds: number, unmeasured: readonly string[]): Found {
  const [least, most] = [seconds * LEAST_RATIO, seconds * MOST_RATIO]
  const range = most < SOON ? 'less than a minute' : `between ${formatDuration(least)} and ${formatDuration(most)}`
  const without = unmeasured.length === 0 ? '' : `, without ${unmeasured.join(', ')}, of which nothing could be told`
  const indexes = mapping.indexes.length
  const slow =
    indexes === 0
      ? ''
      : `; ${indexes === 1 ? 'an index' : `${indexes} indexes`} that build makes first ${indexes === 1 ? 'was' : 'were'} not there, so it may be far less`
  return {
    ...{ id: ['backfill-time'], severity: 'note', where: 'sync' },
    what: `an estimate: ${range}${most < SOON ? '' : `, since here all rows were read and projected in ${formatDuration(seconds)}`}${without}${slow}`,
    advice:
      'The application goes on meanwhile; where it needs the server, the backfill waits for it, and takes longer. crossfade sync shows the time that is left.',
  }
}
