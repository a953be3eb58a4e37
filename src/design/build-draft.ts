import { UsageError } from '../lib/errors.ts'
import type { CrossfadeConfig } from '../spec/config.ts'
import { takeForeignKeys } from '../spec/foreign-keys.ts'
import type { Mapping } from '../spec/mapping.ts'
import { assertNewSchema } from '../spec/new-schema.ts'
import { resolveMapping } from '../spec/resolve.ts'
import { validateConfig } from '../spec/validate-config.ts'
import type { DesignFacts } from './design-facts.ts'
import { type DesignPlan, question, type Remark } from './design-plan.ts'
import { catalogWith } from './draft-catalog.ts'
import { leaveOut } from './plan-design.ts'
import { buildConfig, writeConfig } from './write-config.ts'
import { writeSchema } from './write-schema.ts'
import { keepWords } from './write-words.ts'

export interface Draft {
  readonly plan: DesignPlan
  readonly ddl: string
  readonly config: string
}

/**
 * The two texts of a plan, after both have been through what `approve design` asks of them without a database: PostgreSQL's
 * parser, the shape of the configuration, and its resolution against the old tables and the planned ones. A new table that
 * doesn't hold is left out, with the reason. What the configuration `before` says besides the mapping stays. Throws
 * UsageError where none is left.
 */
export function buildDraft(
  plan: DesignPlan,
  facts: DesignFacts,
  schemaPath: string,
  before: CrossfadeConfig | null = null,
): Draft {
  if (plan.targets.length === 0)
    throw new UsageError('design.none', 'There is nothing to design: no two tables can be sources of one.', {
      hint: plan.remarks.map(({ text }) => text).join(' ') || 'Name the tables: crossfade design <table> <table>',
    })
  const names = plan.targets.map(({ name }) => name)
  const kept = before === null ? {} : keepWords(before, names)
  const found = tryDraft(plan, facts, buildConfig(plan, schemaPath, kept))
  if ('why' in found) return buildDraft(leaveOut(plan, found.target, found.why, facts), facts, schemaPath, before)
  const told = { ...plan, remarks: [...plan.remarks, ...askForIndexes(found, facts)] }
  return { plan: told, ddl: writeSchema(told), config: writeConfig(told, schemaPath, kept) }
}

/** On a partitioned table nobody can build an index while it is written to, so a person has to, before the gate. */
function askForIndexes({ indexes }: Mapping, { catalog }: DesignFacts): Remark[] {
  const partitioned = indexes.flatMap(({ table }) => {
    const found = catalog.tables.find((one) => one.schema === table.schema && one.name === table.name)
    return found?.kind === 'partitioned table' ? [found.name] : []
  })
  return [...new Set(partitioned)].map((name) =>
    question(
      `${name} is partitioned, and sync needs an index on it that only you can build, in a quiet minute or partition by partition: crossfade check gives the statement. Can it have one?`,
    ),
  )
}

function tryDraft(
  plan: DesignPlan,
  facts: DesignFacts,
  config: CrossfadeConfig,
): Mapping | { readonly target: string; readonly why: string } {
  try {
    return checkDraft(plan, writeSchema(plan), facts, config)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const named = plan.targets.filter(({ name }) => error.message.includes(name))
    // `posts_2` is named by a message that has `posts` in it, too.
    const target = named.sort((a, b) => b.name.length - a.name.length)[0]
    if (target === undefined) throw error
    return { target: target.name, why: `${error.message}.` }
  }
}

function checkDraft(plan: DesignPlan, ddl: string, facts: DesignFacts, built: CrossfadeConfig): Mapping {
  const config = validateConfig(built, 'crossfade.config.ts')
  assertNewSchema(ddl, config.schema)
  return resolveMapping(config, catalogWith(plan, facts.catalog), takeForeignKeys(ddl, plan.oldSchema).foreignKeys)
}
