import { dollarQuote, ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Feed, SourceMapping } from '../spec/mapping.ts'
import { keyAsText } from './keys.ts'
import { relation } from './names.ts'
import { identityOf } from './rows.ts'

/** Rows that are remembered one by one; of more than that only their number. */
const MOST_RAISING = 2000

/** What `raisingRows` leaves in the setting `crossfade.check`: one for each column (`''`: the condition) and SQLSTATE. */
export interface Raised {
  readonly column: string
  readonly sqlstate: string
  readonly rows: number
  /** Identities of the first MOST_RAISING. */
  readonly keys: readonly (readonly (string | null)[])[]
}

/**
 * Asks each row by itself which of its expressions raise: one statement over all rows would stop at the first. A DO
 * block, as a read-only transaction makes no function; its result is JSON in a setting of the transaction.
 */
export function raisingRows(s: SourceMapping): Sql {
  const row = sql`FROM (SELECT (crossfade_row).*) AS ${ident(s.relation.name)}`
  const where = s.where === null ? raw('') : sql` WHERE (${raw(s.where)})`
  const whole = sql`PERFORM ${join(
    s.feeds.length === 0 ? [raw('1')] : s.feeds.map((feed) => raw(`(${feed.from})`)),
  )} ${row}${where};`
  const noted = (column: string): Sql => sql`EXCEPTION WHEN OTHERS THEN
      crossfade_name := jsonb_build_array(${literal(column)}, SQLSTATE)::text;
      crossfade_keys := coalesce(crossfade_all -> crossfade_name -> 'keys', '[]');
      IF jsonb_array_length(crossfade_keys) < ${MOST_RAISING} THEN
        SELECT crossfade_keys || jsonb_build_array(to_jsonb(${keyAsText(identityOf(s))})) INTO crossfade_keys ${row};
      END IF;
      crossfade_all := crossfade_all || jsonb_build_object(crossfade_name, jsonb_build_object(
        'column', ${literal(column)}, 'sqlstate', SQLSTATE, 'keys', crossfade_keys,
        'rows', coalesce((crossfade_all -> crossfade_name ->> 'rows')::bigint, 0) + 1));
    END;`
  const each = s.feeds.map(
    (feed) => sql`BEGIN
      PERFORM ${raw(`(${feed.from})`)} ${row}${where};
    ${noted(feed.column)}`,
  )
  const condition =
    s.where === null
      ? []
      : [
          sql`BEGIN
      PERFORM (${raw(s.where)}) ${row};
    ${noted('')}`,
        ]
  const body = sql`
#variable_conflict use_column
DECLARE
  crossfade_row ${relation(s.relation)}%ROWTYPE;
  crossfade_all jsonb := '{}';
  crossfade_name text;
  crossfade_keys jsonb;
  crossfade_raised boolean;
BEGIN
  FOR crossfade_row IN SELECT * FROM ${relation(s.relation)} LOOP
    crossfade_raised := false;
    BEGIN
      ${whole}
    EXCEPTION WHEN OTHERS THEN
      crossfade_raised := true;
    END;
    CONTINUE WHEN NOT crossfade_raised;
    ${join(s.where === null ? each : condition, '\n    ')}
    ${s.where === null ? raw('') : join(each, '\n    ')}
  END LOOP;
  PERFORM set_config('crossfade.check', coalesce((SELECT jsonb_agg(e.value) FROM jsonb_each(crossfade_all) AS e), '[]')::text, true);
END
`
  return sql`DO ${dollarQuote(body)}`
}

/**
 * The source with null for what raises, row by row, and a refusal of those rows by the projection: as a value that can't
 * be computed is refused, but for every key that has such a row. The refusal's text is `raises:<column>:<sqlstate>`.
 */
export function withoutRaising(s: SourceMapping, raised: readonly Raised[]): SourceMapping {
  const among = (one: Raised): string => {
    const keys = one.keys.map((key) => literal(JSON.stringify(key)))
    return sql`to_json(${keyAsText(identityOf(s))})::text = ANY (ARRAY[${join(keys)}]::text[])`.text
  }
  const guarded = (column: string, otherwise: string, text: string): string => {
    const cases = raised.filter((one) => one.column === column).map((one) => `WHEN ${among(one)} THEN ${otherwise}`)
    return cases.length === 0 ? text : `CASE ${cases.join(' ')} ELSE (${text}) END`
  }
  const refusals = raised.map((one, i): Feed => {
    const fault = { given: `CASE WHEN ${among(one)} THEN '' END`, sqlstate: one.sqlstate, after: '' }
    const before = `raises:${one.column}:${one.sqlstate}`
    return { column: `crossfade_raised_${i + 1}`, from: 'NULL::text', fault: { ...fault, before }, uses: [] }
  })
  return {
    ...s,
    where: s.where === null ? null : guarded('', 'true', s.where),
    feeds: [...refusals, ...s.feeds.map((feed) => ({ ...feed, from: guarded(feed.column, 'NULL', feed.from) }))],
  }
}
