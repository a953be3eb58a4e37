import type pg from 'pg'
import { readStatistics } from '../catalog/read-statistics.ts'
import type { StatisticsRow } from '../catalog/statistics.sql.ts'
import {
  type ColumnCommentRow,
  columnCommentsQuery,
  type IndexUseRow,
  indexUseQuery,
  type SizeRow,
  sizesQuery,
} from './measures.sql.ts'

/** What is known of tables beside their definitions. */
export interface Measures {
  readonly sizes: readonly SizeRow[]
  readonly indexUse: readonly IndexUseRow[]
  readonly statistics: readonly StatisticsRow[]
  readonly columnComments: readonly ColumnCommentRow[]
}

/** Of these tables, by oid; statistics of all that there are. */
export async function readMeasures(client: pg.ClientBase, oids: readonly number[]): Promise<Measures> {
  const sizes = await client.query<SizeRow>(sizesQuery, [oids])
  const indexUse = await client.query<IndexUseRow>(indexUseQuery, [oids])
  const comments = await client.query<ColumnCommentRow>(columnCommentsQuery, [oids])
  const statistics = await readStatistics(client)
  return { sizes: sizes.rows, indexUse: indexUse.rows, statistics, columnComments: comments.rows }
}
