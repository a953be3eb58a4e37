import type { Random } from '../test/scenarios/random.ts'
import type { OldTable } from './case.ts'
import { quote } from './write-sql.ts'

/**
 * Triggers that the application had before. What they write beside their own row is in a table that comes later in the
 * list, so they never go round.
 */
export function addTriggers(random: Random, tables: readonly OldTable[]): OldTable[] {
  const some = random.chance(0.35)
  return tables.map((table, i) => {
    if (!some || random.chance(0.4)) return table
    const later = tables.slice(i + 1)
    const bodies = Array.from({ length: 1 + random.int(2) }, () =>
      later.length > 0 && random.chance(0.6) ? elsewhere(random, table, random.pick(later)) : before(random, table),
    )
    const triggers = bodies.flatMap((body, n) => (body ? [writeTrigger(table, `fuzz_${i}_${n}`, body)] : []))
    return triggers.length > 0 ? { ...table, triggers } : table
  })
}

interface Body {
  readonly when: string
  readonly each: string
  readonly constraint?: true
  readonly text: string
}

function writeTrigger(table: OldTable, name: string, { when, each, constraint, text }: Body): string {
  return `create function ${name}() returns trigger language plpgsql as $f$ begin ${text} end $f$; create ${constraint ? 'constraint ' : ''}trigger ${name} ${when.replace('ON', () => `on ${quote(table.name)}`)} ${each} execute function ${name}();`
}

const ROW = 'for each row'

/** It changes the row, drops it, or refuses it. */
function before(random: Random, table: OldTable): Body | null {
  const texts = table.columns.filter((c) => c.role === 'value' && c.type === 'text' && c.values === undefined)
  const numbers = table.columns.filter((c) => c.role === 'value' && c.type === 'integer')
  const time = table.columns.find((c) => c.role === 'time')
  const choices: Body[] = []
  const when = `before ${random.pick(['insert', 'update', 'insert or update'])} ON`
  for (const { name } of texts) {
    const column = `new.${quote(name)}`
    choices.push(
      { when, each: ROW, text: `${column} := upper(${column}); return new;` },
      { when, each: ROW, text: `if ${column} ~ '^w.*3$' then return null; end if; return new;` },
      {
        when: 'before delete ON',
        each: ROW,
        text: `if old.${quote(name)} ~ '5$' then return null; end if; return old;`,
      },
      { when: `before update of ${quote(name)} ON`, each: ROW, text: `${column} := left(${column}, 12); return new;` },
    )
  }
  for (const { name } of numbers) {
    const column = `new.${quote(name)}`
    choices.push(
      { when, each: ROW, text: `if ${column} = 7 then raise exception 'seven'; end if; return new;` },
      { when, each: ROW, text: `if ${column} = 2 then ${column} := 3; end if; return new;` },
      { when, each: ROW, text: `if ${column} = -1 then return null; end if; return new;` },
    )
  }
  if (time) {
    const column = `new.${quote(time.name)}`
    choices.push({ when, each: ROW, text: `${column} := coalesce(${column}, '2025-05-05'); return new;` })
  }
  return choices.length > 0 ? random.pick(choices) : null
}

/** It writes rows of another mapped table. */
function elsewhere(random: Random, table: OldTable, other: OldTable): Body | null {
  const sql = writeElsewhere(random, table, other)
  if (sql === null) return null
  const event = random.pick(['insert', 'update', 'insert or update'])
  if (random.chance(0.2)) {
    const one = random.pick(['insert', 'update'])
    return {
      when: `after ${one} ON referencing new table as fuzz_rows`,
      each: 'for each statement',
      text: `${sql('fuzz_row', 'from fuzz_rows as fuzz_row')}; return null;`,
    }
  }
  if (random.chance(0.25))
    return {
      when: `after ${event} ON deferrable initially ${random.pick(['deferred', 'immediate'])}`,
      each: ROW,
      constraint: true,
      text: `${sql('new', '')}; return null;`,
    }
  if (random.chance(0.2)) return { when: 'after delete ON', each: ROW, text: `${sql('old', '')}; return null;` }
  if (random.chance(0.3)) return { when: `before ${event} ON`, each: ROW, text: `${sql('new', '')}; return new;` }
  return { when: `after ${event} ON`, each: ROW, text: `${sql('new', '')}; return null;` }
}

/** `row` is what the trigger is about; `from` where there are several of it. */
type Write = (row: string, from: string) => string

function writeElsewhere(random: Random, table: OldTable, other: OldTable): Write | null {
  const pairs = table.columns.flatMap((own) =>
    other.columns.flatMap((theirs) => {
      // By what both may really have.
      const meet = own.role === 'id' ? theirs.role === 'id' : own.kind !== undefined && own.kind === theirs.kind
      return meet ? [{ own, theirs }] : []
    }),
  )
  const target = other.columns.filter((c) => c.role === 'value' && c.type === 'text' && c.values === undefined)
  const time = other.columns.find((c) => c.role === 'time')
  if (pairs.length === 0) return null
  const { own, theirs } = random.pick(pairs)
  const same = (row: string): string =>
    `${quote(other.name)}.${quote(theirs.name)}::text = ${row}.${quote(own.name)}::text`
  const name = quote(other.name)
  const choices: Write[] = [
    (row, from) =>
      from === ''
        ? `delete from ${name} where ${same(row)}`
        : `delete from ${name} using ${from.slice(5)} where ${same(row)}`,
  ]
  if (time)
    choices.push((row, from) => `update ${name} set ${quote(time.name)} = '2025-04-04' ${from} where ${same(row)}`)
  for (const column of target)
    choices.push(
      (row, from) =>
        `update ${name} set ${quote(column.name)} = ${row}.${quote(own.name)}::text ${from} where ${same(row)}`,
    )
  if (other.columns.some((c) => c.role === 'id')) {
    const keyed = other.columns.filter((c) => c.type === own.type && c.role !== 'id')
    for (const column of keyed)
      choices.push(
        (row, from) =>
          `insert into ${name} (${quote(column.name)}) select ${row}.${quote(own.name)} ${from} on conflict do nothing`,
      )
  }
  return random.pick(choices)
}
