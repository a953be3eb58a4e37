import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Link, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { triggerRow } from './forward-links.ts'
import { freeOmitted } from './forward-uniques.ts'
import { keyAsText, keyText, oneSpelling, variableType } from './keys.ts'
import { keyLink, linkPlace, linkText, stepAt } from './links.ts'
import { oldWritesSequence } from './names.ts'
import { identityOf } from './rows.ts'

/**
 * The body of a trigger in outbox mode: it notes the keys of what was written, before and after, and computes nothing
 * else. For all rows of a statement at once where the table allows it, since one INSERT … SELECT costs a fraction of as many calls.
 *
 * The old table may not be what it was, so whatever reads a column of it is inside a handler; and what is written
 * is outside, since a subtransaction that writes costs a transaction id for each statement of the application. Only for
 * a large statement it is inside, so that its keys need not fit into memory.
 */
export function captureBody(t: TargetMapping, s: SourceMapping, rows: 'statement' | 'row'): Sql {
  const c = { t, s, rows }
  const byRow = rows === 'row'
  const before = t.key.map((_, i) => ident(`crossfade_before_${i + 1}`))
  const omitted = byRow ? freeOmitted(t, s, before) : raw('')
  const readBefore =
    omitted.text === ''
      ? raw('')
      : sql`
    IF TG_OP <> 'INSERT' THEN
      SELECT ${join(s.key.map((key) => raw(key)))} INTO ${join(before)} FROM ${written(c, 'OLD')};
    END IF;`
  const declared = omitted.text === '' ? [] : t.key.map((key, i) => sql`${before[i] ?? raw('')} ${variableType(key)};`)
  return sql`
#variable_conflict use_column
DECLARE
  crossfade_unguarded boolean := coalesce(current_setting('crossfade.guard', true), '') = '';
  -- As text; null: a row without a key.
  crossfade_keys text[] := '{}';
  crossfade_keyless text[] := '{}';
  crossfade_any boolean := true;
  crossfade_count bigint;
  crossfade_state text;
  crossfade_message text;${join(
    [...declared, ...s.links.map((_, index) => sql`${values(index)} text[] := '{}';`)].map((line) => sql`\n  ${line}`),
    '',
  )}
BEGIN${
    byRow
      ? sql`
  IF TG_OP = 'UPDATE' AND record_image_eq(OLD, NEW) THEN
    RETURN NULL;
  END IF;`
      : raw('')
  }
  BEGIN
    ${eachOperation((sides) => sql`crossfade_keys := ARRAY(${keysOf(c, sides)}${byRow ? raw('') : raw(`\n      LIMIT CASE WHEN crossfade_unguarded THEN ${MANY + 1} END`)});`)}
    ${byRow ? raw('') : many(c)}${rememberKeyless(c)}${rememberLinks(c)}${readBefore}
  EXCEPTION WHEN OTHERS THEN
    -- The old table is not what it was, so nobody can tell which keys these rows have: all of them will be looked at.
    GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
    crossfade_keys := '{}';
  END;
  IF crossfade_state IS NOT NULL THEN
    PERFORM crossfade.enqueue(${literal(t.name)}, '{}', crossfade_state, crossfade_message);
    ${count(c)}
    RETURN NULL;
  END IF;${byRow ? raw('') : nothingWritten}
  ${count(c)}
  ${enqueue(c)}${enqueueKeyless(c)}${enqueueLinks(c)}${omitted}
  RETURN NULL;
END`
}

/** More keys than these in one statement are written where they are read. */
const MANY = 200

interface Captured {
  readonly t: TargetMapping
  readonly s: SourceMapping
  readonly rows: 'statement' | 'row'
}

type Side = 'OLD' | 'NEW'

/** The rows of the trigger as a relation in the shape that the mapping's expressions are written for. */
function written({ s, rows }: Captured, side: Side): Sql {
  if (rows === 'row') return triggerRow(s, side)
  const alias = ident(s.relation.name)
  if (s.viewQuery === null) return sql`${transition(side)} AS ${alias}`
  // The view's query reads its base table by its bare name, which the CTE takes the place of.
  return sql`(WITH ${ident(s.base.name)} AS (SELECT * FROM ${transition(side)}) ${raw(s.viewQuery)}) AS ${alias}`
}

/** What the triggers call their transition tables. */
export function transition(side: Side): Sql {
  return raw(side === 'OLD' ? 'crossfade_old' : 'crossfade_new')
}

function kept({ s }: Captured): Sql {
  return s.where === null ? raw('') : sql` WHERE (${raw(s.where)})`
}

/** A statement for the sides that an operation has; those that it hasn't must not even be planned. */
function eachOperation(statement: (sides: readonly Side[]) => Sql): Sql {
  return sql`IF TG_OP = 'INSERT' THEN
      ${statement(['NEW'])}
    ELSIF TG_OP = 'DELETE' THEN
      ${statement(['OLD'])}
    ELSE
      ${statement(['OLD', 'NEW'])}
    END IF;`
}

function isSingle(t: TargetMapping): boolean {
  return t.key.length === 1
}

/** A key of several parts goes through variables as the text of an array. */
function asText(t: TargetMapping, parts: readonly Sql[]): Sql {
  const [part] = parts
  if (!isSingle(t) || !part) return sql`(${keyText(t, parts)})::text`
  return sql`(${oneSpelling((t.key[0]?.type ?? '').replace(/\(.*/, ''), part)})::text`
}

function fromText(t: TargetMapping, text: Sql): Sql {
  return isSingle(t) ? sql`ARRAY[${text}]` : sql`(${text})::text[]`
}

function typedKey(t: TargetMapping, parts: readonly string[]): Sql[] {
  return parts.map((part, i) => sql`(${raw(part)})::${raw(t.key[i]?.type ?? 'text')}`)
}

/** Keys as text, null for a row that has none. */
function keysOf(c: Captured, sides: readonly Side[], distinct = false): Sql {
  const { t, s } = c
  const names = t.key.map((_, i) => ident(`crossfade_key_${i + 1}`))
  const arms = sides.map((side) => {
    const key = typedKey(t, s.key)
    if (isSingle(t)) return sql`SELECT ${asText(t, key)} AS k FROM ${written(c, side)}${kept(c)}`
    const present = join(
      names.map((name) => sql`q.${name} IS NOT NULL`),
      ' AND ',
    )
    return sql`SELECT CASE WHEN ${present} THEN ${asText(
      t,
      names.map((name) => sql`q.${name}`),
    )} END AS k FROM (SELECT ${join(key)} FROM ${written(c, side)}${kept(c)}) AS q (${join(names)})`
  })
  // Who holds the lock on the link may have given the row this key, which nothing tells any more when the row has gone.
  const generated = keyLink(s)?.generated
  if (generated && sides.includes('OLD')) {
    arms.push(
      sql`SELECT ${asText(t, typedKey(t, generated))} FROM ${written(c, 'OLD')} WHERE (${raw(generated[0] ?? 'NULL')}) IS NOT NULL`,
    )
  }
  return join(arms, distinct ? '\n      UNION ' : '\n      UNION ALL ')
}

/** A large statement: one INSERT … SELECT, in this one subtransaction. */
function many(c: Captured): Sql {
  const { t } = c
  const beaten = beatenBy(t, sql`FROM (${raw('%')}) AS u (k)`)
  const statement = (sides: readonly Side[]): Sql => {
    const keys = keysOf(c, sides, true)
    const wake = beaten === null ? raw('') : raw(beaten.text.replace('%', () => keys.text))
    return sql`INSERT INTO crossfade.outbox (target, key)
      SELECT ${literal(t.name)}, ${fromText(t, raw('u.k'))} FROM (${keys}) AS u (k) WHERE u.k IS NOT NULL;${wake}`
  }
  return sql`IF cardinality(crossfade_keys) > ${raw(String(MANY))} AND crossfade_unguarded THEN
      ${eachOperation(statement)}
      -- Whether some of them have no key is asked below.
      crossfade_keys := ARRAY[NULL];
    END IF;`
}

/** Rows that the one of such a key `u.k` has beaten: they are looked at whenever its old rows change. */
function beatenBy(t: TargetMapping, from: Sql): Sql | null {
  if (t.uniques.length === 0) return null
  return sql`
  INSERT INTO crossfade.outbox (target, key)
  SELECT j.target, j.key ${from} JOIN crossfade.journal AS j ON j.waits_for = ARRAY['', ${literal(t.name)}] || ${fromText(t, raw('u.k'))};`
}

function rememberKeyless(c: Captured): Sql {
  const { s, t } = c
  if (s.otherwise === 'omit') return raw('')
  const statement = (sides: readonly Side[]): Sql => {
    const missing = sql`(${join(
      typedKey(t, s.key).map((key) => sql`${key} IS NULL`),
      ' OR ',
    )})`
    const where = s.where === null ? missing : sql`(${raw(s.where)}) AND ${missing}`
    const arms = sides.map(
      (side) => sql`SELECT (${keyAsText(identityOf(s))})::text FROM ${written(c, side)} WHERE ${where}`,
    )
    return sql`crossfade_keyless := ARRAY(${join(arms, '\n      UNION ')});`
  }
  return sql`
    IF array_position(crossfade_keys, NULL) IS NOT NULL THEN
    ${eachOperation(statement)}
    END IF;`
}

/** Of linked rows also the links: only the applier, which locks them alone, sees what a partner's writer is about to change. */
function rememberLinks(c: Captured): Sql {
  return join(
    c.s.links.map((link, index) => {
      const step = stepAt(link, 0)
      const statement = (sides: readonly Side[]): Sql =>
        sql`${values(index)} := ARRAY(${join(
          sides.map((side) => sql`SELECT ${linkText(step, raw(step.link))} FROM ${written(c, side)}`),
          '\n      UNION ',
        )});`
      return sql`
    ${eachOperation(statement)}`
    }),
    '',
  )
}

/** Triggers for statements fire also where no row was written. */
const nothingWritten = sql`
  IF cardinality(crossfade_keys) = 0 THEN
    IF TG_OP = 'DELETE' THEN
      crossfade_any := EXISTS (SELECT FROM ${transition('OLD')});
    ELSE
      crossfade_any := EXISTS (SELECT FROM ${transition('NEW')});
    END IF;
    IF NOT crossfade_any THEN
      RETURN NULL;
    END IF;
  END IF;`

function count({ t, s }: Captured): Sql {
  if (s.stub) return raw('')
  return sql`IF crossfade_unguarded THEN
    crossfade_count := nextval(${literal(oldWritesSequence(t, s).text)});
  END IF;`
}

function enqueue({ t }: Captured): Sql {
  const target = literal(t.name)
  const key = (text: string): Sql => fromText(t, raw(text))
  const beaten = beatenBy(t, raw('FROM unnest(crossfade_keys) AS u (k)'))
  // Reverse sync applies the key that it writes itself, when all old rows are written.
  const guarded = sql`crossfade.is_guarded(${t.number}, (${key('u.k')})::text)`
  return sql`IF cardinality(crossfade_keys) = 2 AND crossfade_keys[1] = crossfade_keys[2] THEN
    crossfade_keys := crossfade_keys[1:1];
  END IF;
  IF crossfade_unguarded AND cardinality(crossfade_keys) = 1 AND crossfade_keys[1] IS NOT NULL THEN
    INSERT INTO crossfade.outbox (target, key) VALUES (${target}, ${key('crossfade_keys[1]')});
  ELSIF cardinality(crossfade_keys) > 0 THEN
    INSERT INTO crossfade.outbox (target, key)
    SELECT DISTINCT ${target}, ${key('u.k')} FROM unnest(crossfade_keys) AS u (k)
     WHERE u.k IS NOT NULL AND (crossfade_unguarded OR NOT ${guarded});
  END IF;${beaten ?? raw('')}`
}

function enqueueKeyless({ t, s }: Captured): Sql {
  if (s.otherwise === 'omit') return raw('')
  return sql`
  IF cardinality(crossfade_keyless) > 0 THEN
    INSERT INTO crossfade.outbox (target, source, key)
    SELECT ${literal(t.name)}, ${literal(s.relation.name)}, u.identity::text[] FROM unnest(crossfade_keyless) AS u (identity);
  END IF;`
}

function enqueueLinks({ t, s }: Captured): Sql {
  return join(
    s.links.map(
      (_: Link, index) => sql`
  PERFORM crossfade.enqueue_links(${literal(t.name)}, ${literal(s.relation.name)}, ${linkPlace(index, 0)}, ${values(index)});`,
    ),
    '',
  )
}

function values(index: number): Sql {
  return raw(`crossfade_links_${index + 1}`)
}
