import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ChildRule, Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { columnEquals, keyEquals, keyText, variableType } from './keys.ts'
import { handleColumn, hasColumn, isSame, lineageTable, relation } from './names.ts'
import { drawnVariable, variable } from './old-rows.ts'
import { enqueueContenders } from './remove.ts'
import { isOther, looseReferences } from './wake.ts'

/** Parts of the body of reverse sync (`reverse.ts`) that are about the new row: its key, its children, its unique values. */

/** In variables, since a table may be named old or new, and inside its query its column would win over the row's. */
export function keyVariables(t: TargetMapping, side: 'old' | 'new'): Sql[] {
  return t.key.map((_, i) => ident(`crossfade_${side}_key_${i + 1}`))
}

export function declarations(t: TargetMapping, sources: readonly SourceMapping[]): Sql {
  const keys = (['old', 'new'] as const).flatMap((side) =>
    keyVariables(t, side).map((name, i) => sql`${name} ${variableType(t.key[i])};`),
  )
  const [source] = sources
  const drawn =
    t.kind === 'append' && source
      ? source.identity.map(
          (column, i) => sql`${drawnVariable(source, column.name)} ${raw(t.key[i]?.nullable ?? column.type)};`,
        )
      : []
  const rows = sources.flatMap((s) => [
    sql`${variable('found', s)} boolean;`,
    sql`${variable('before', s)} record;`,
    sql`${variable('after', s)} record;`,
    sql`${variable('written', s)} record;`,
    sql`${variable('made', s)} boolean := false;`,
  ])
  return join([...keys, ...drawn, ...rows], '\n  ')
}

export function readMergedKey(t: TargetMapping): Sql {
  const read = (record: 'OLD' | 'NEW', into: Sql[]): Sql =>
    join(
      t.key.map((key, i) => sql`${into[i] ?? raw('')} := ${raw(record)}.${ident(key.name)};`),
      '\n    ',
    )
  const [oldKey, newKey] = [keyVariables(t, 'old'), keyVariables(t, 'new')]
  return sql`IF TG_OP <> 'INSERT' THEN
    ${read('OLD', oldKey)}
  END IF;
  IF TG_OP <> 'DELETE' THEN
    ${read('NEW', newKey)}
  END IF;
  IF TG_OP = 'DELETE' THEN
    crossfade_key := ${keyText(t, oldKey)};
  ELSE
    crossfade_key := ${keyText(t, newKey)};
  END IF;`
}

/** Lineage tells which unit a row belongs to. Sync writes lineage before the row, so a row that it doesn't know is the application's. */
export function readAppendedKey(m: Mapping, t: TargetMapping): Sql {
  const [oldKey, newKey] = [keyVariables(t, 'old'), keyVariables(t, 'new')]
  const ofRow = (record: 'OLD' | 'NEW'): Sql =>
    join(
      t.handle.map((h, i) => sql`l.${handleColumn(i)} = ${raw(record)}.${ident(h.name)}`),
      ' AND ',
    )
  const known = m.targets
    .filter((unit) => isSame(unit, t))
    .map((unit) => sql`EXISTS (SELECT FROM ${lineageTable(unit)} AS l WHERE ${ofRow('NEW')})`)
  const [s] = t.sources
  const draw = t.reverse.length === 0 || !s ? raw('RETURN NULL;') : drawIdentity(s)
  const keys = join(t.key.map((key) => sql`l.${ident(key.name)}`))
  const assign = join(
    newKey.map((name, i) => sql`${name} := ${oldKey[i] ?? raw('')};`),
    ' ',
  )
  return sql`IF TG_OP = 'INSERT' THEN
    IF ${join(known, ' OR ')} THEN
      RETURN NULL;
    END IF;
    ${draw}
  ELSE
    SELECT ${keys} INTO ${join(oldKey)} FROM ${lineageTable(t)} AS l WHERE ${ofRow('OLD')};
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
    ${assign}
    crossfade_key := ${keyText(t, oldKey)};
  END IF;`
}

/** What will tell the old row apart is drawn now, as its table would: while it is made, its key has to be known. */
function drawIdentity(s: SourceMapping): Sql {
  const drawn = s.identity.flatMap((column, i) => {
    const next = s.draws[i]
    return next == null ? [] : [sql`${drawnVariable(s, column.name)} := ${raw(next)};`]
  })
  return join(drawn.length === 0 ? [raw('NULL;')] : drawn, '\n    ')
}

/** The key of the old row that a native insert makes: drawn, or as the new row gives it. */
export function keyFromShape(t: TargetMapping): Sql {
  const [s] = t.sources
  if (t.reverse.length === 0 || !s) return raw('')
  const newKey = keyVariables(t, 'new')
  const parts = s.identity.map((column, i) => {
    if (s.draws[i] != null) return sql`${newKey[i] ?? raw('')} := ${drawnVariable(s, column.name)};`
    return s.back.some((back) => back.name === column.name)
      ? sql`${newKey[i] ?? raw('')} := ${variable('after', s)}.${ident(column.name)};`
      : sql`RAISE EXCEPTION 'a row of ${raw(relation(s.relation).text.replaceAll("'", "''").replaceAll('%', '%%'))} can''t be made: nothing gives its ${raw(ident(column.name).text.replaceAll("'", "''").replaceAll('%', '%%'))}' USING ERRCODE = 'CF002';`
  })
  return sql`
  IF TG_OP = 'INSERT' THEN
    ${join(parts, '\n    ')}
    crossfade_key := ${keyText(t, newKey)};
  END IF;`
}

/** A trigger of the old table that gave the row another identity has made a row under a key that nobody guards. */
export function noteLineage(t: TargetMapping): Sql {
  const [s] = t.sources
  if (t.reverse.length === 0 || !s) return raw('')
  const newKey = keyVariables(t, 'new')
  const keys = t.key.map((key) => ident(key.name))
  return sql`
  IF TG_OP = 'INSERT' THEN
    INSERT INTO ${lineageTable(t)} (${join([...keys, ...t.handle.map((_, i) => handleColumn(i)), hasColumn(s)])})
    VALUES (${join([...newKey, ...t.handle.map((h) => sql`NEW.${ident(h.name)}`), raw('true')])});
  END IF;`
}

export function refuseChanges(t: TargetMapping, all: (record: string) => Sql): Sql {
  const handle = t.handle.map((h) => ident(h.name))
  const changedHandle =
    handle.length === 0
      ? sql`NOT (${keyEquals(t, keyVariables(t, 'old'), keyVariables(t, 'new'))})`
      : sql`record_image_ne(ROW(${join(handle.map((h) => sql`OLD.${h}`))}), ROW(${join(handle.map((h) => sql`NEW.${h}`))}))`
  const unchanged = sql`record_image_eq(ROW(${all('OLD')}), ROW(${all('NEW')}))`
  const links = t.linkColumns.map(
    (name) => sql`
    IF record_image_ne(ROW(OLD.${ident(name)}), ROW(NEW.${ident(name)})) THEN
      RAISE EXCEPTION 'column % of % links old rows and can''t be changed while the old tables are in use', ${literal(name)}, TG_RELID::regclass
        USING ERRCODE = 'CF002', HINT = 'Change it by the old names, or after crossfade finish.';
    END IF;`,
  )
  return sql`IF ${changedHandle} THEN
      RAISE EXCEPTION 'the key of % can''t be changed while the old tables are in use', TG_RELID::regclass
        USING ERRCODE = 'CF002', HINT = 'Delete the row and insert it under its new key.';
    END IF;
    IF ${unchanged} THEN
      RETURN NULL;
    END IF;${join(links, '')}`
}

/** What the new schema's foreign keys will do from finish on, or what the mapping says: children first. */
export function onDelete(t: TargetMapping): Sql {
  const tables = [
    ...new Map(
      t.children.map((child) => [`${relation(child.relation).text} ${child.columns.join('\0')}`, child]),
    ).values(),
  ]
  if (tables.length === 0) return raw('')
  const loose = looseReferences(t)
  const kept = tables
    .filter((child) => loose.some((other) => other.referenced.join('\0') === child.referenced.join('\0')))
    .map(
      (child) => sql`
    IF ${isOther(child.referenced, 'OLD', 'NEW')} AND EXISTS (SELECT FROM ${childRows(t, child)}) THEN
      ${refusal(child)}
    END IF;`,
    )
  const parts = tables.map((child) => {
    const rows = childRows(t, child)
    return child.onDelete === 'cascade'
      ? sql`
    DELETE FROM ${rows};`
      : sql`
    IF EXISTS (SELECT FROM ${rows}) THEN
      ${refusal(child)}
    END IF;`
  })
  return sql`
  IF TG_OP = 'DELETE' THEN${join(parts, '')}${
    kept.length === 0
      ? raw('')
      : sql`
  ELSIF TG_OP = 'UPDATE' THEN${join(kept, '')}`
  }
  END IF;`
}

function childRows(t: TargetMapping, child: ChildRule): Sql {
  const same = child.columns.map((column, i) => {
    const name = child.referenced[i] ?? ''
    return columnEquals(t, name, sql`c.${ident(column)}`, sql`OLD.${ident(name)}`)
  })
  return sql`${relation(child.relation)} AS c WHERE ${join(same, ' AND ')}`
}

function refusal(child: ChildRule): Sql {
  return sql`RAISE EXCEPTION 'rows of % reference the row % of %', ${literal(relation(child.relation).text)}, crossfade_key, TG_RELID::regclass
        USING ERRCODE = '23503', HINT = 'Change or delete those first. What a delete does with them is onDelete in the mapping.';`
}

/** A unique value that a native write gives up is for the next of those that wanted it. */
export function freeContenders(t: TargetMapping): Sql {
  if (t.uniques.length === 0) return raw('')
  const parts = t.uniques.map((rule) => {
    const columns = rule.columns.map((column) => ident(column))
    const changed = sql`record_image_ne(ROW(${join(columns.map((c) => sql`OLD.${c}`))}), ROW(${join(columns.map((c) => sql`NEW.${c}`))}))`
    const own = keyVariables(t, 'old')
    return sql`
  IF TG_OP = 'DELETE' THEN
    ${enqueueContenders(t, rule, raw('OLD'), own)}
  ELSIF TG_OP = 'UPDATE' THEN
    IF ${changed} THEN
      ${enqueueContenders(t, rule, raw('OLD'), own)}
    END IF;
  END IF;`
  })
  return join(parts, '')
}
