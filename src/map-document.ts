import type { InteractionMap } from './codemap/interaction-map.ts'
import type { Coverage } from './coverage/coverage.ts'

/** DATABASE_INTERACTION_MAP.json; schema/database-interaction-map.schema.json says the same. */
export interface MapDocument extends InteractionMap {
  /** What a mapping says of the code, where there is one. */
  readonly coverage?: Coverage
}
