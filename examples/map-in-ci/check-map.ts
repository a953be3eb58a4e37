import { readFileSync } from 'node:fs'
import type { MapDocument } from 'pg-crossfade'

/**
 * Fails a build where the code has come to write tables that are on their way out, or to touch the database in a way
 * that can't be followed. Run after `npx crossfade map`:
 *
 *     node --import jiti/register check-map.ts crossfade/DATABASE_INTERACTION_MAP.json posts,tweets
 */
const [file = 'crossfade/DATABASE_INTERACTION_MAP.json', names = ''] = process.argv.slice(2)
const map: MapDocument = JSON.parse(readFileSync(file, 'utf8'))
const leaving = new Set(names.split(',').filter((name) => name !== ''))

const writes = map.interactions.filter((one) => leaving.has(one.table) && one.operation !== 'select')
const found = [
  ...writes.map(
    (one) => `${one.file}:${one.line}:${one.column} ${one.operation} ${one.table}, which is on its way out`,
  ),
  ...map.unresolved.map((one) => `${one.file}:${one.line}:${one.column} ${one.reason}`),
]
for (const line of found) console.log(line)
process.exitCode = found.length > 0 ? 1 : 0
