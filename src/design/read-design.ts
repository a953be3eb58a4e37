import type { InteractionMap } from '../codemap/interaction-map.ts'
import type { Database } from '../db/connect.ts'
import { UsageError } from '../lib/errors.ts'
import type { OverlapDocument, OverlapProblem } from '../overlap/overlap-document.ts'
import { readCandidates } from '../overlap/read-candidates.ts'
import { type ReaderOptions, readInOneSnapshot } from '../overlap/read-only-session.ts'
import { readOverlap } from '../overlap/read-overlap.ts'
import type { CrossfadeConfig } from '../spec/config.ts'
import { loadParser } from '../spec/expression.ts'
import { buildDraft, type Draft } from './build-draft.ts'
import type { DesignFacts } from './design-facts.ts'
import { nameFromSchema } from './name-from-schema.ts'
import { planDesign } from './plan-design.ts'
import { settleReferences } from './plan-references.ts'
import { settleUniques } from './plan-uniques.ts'
import { planView } from './plan-view.ts'
import { readDuplicates } from './read-duplicates.ts'
import { readColumnFacts, readDomains, readOrphans } from './read-facts.ts'
import { readMissingProfiles } from './read-profiles.ts'

export interface DesignOptions extends ReaderOptions {
  /** As a person wrote them; none: the groups that the overlap finds. */
  readonly tables: readonly string[]
  readonly oldSchema: string
  readonly newSchema: string
  /** Of OVERLAP_REPORT.json, where it is about these tables; else they are measured now. */
  readonly overlap: OverlapDocument | null
  readonly map: Pick<InteractionMap, 'interactions' | 'suspects' | 'unresolved'> | null
  /** As the configuration names the DDL. */
  readonly schemaPath: string
  /** The configuration that is there: what it says besides the mapping stays. */
  readonly before?: CrossfadeConfig | null
}

export interface ReadDraft extends Draft {
  /** What could not be read. */
  readonly problems: readonly OverlapProblem[]
}

/**
 * A draft of the new schema and of its mapping. Only reads, in one snapshot (two where the overlap is measured, too).
 * Throws UsageError for tables that aren't there, and where nothing can be consolidated.
 */
export async function readDraft(db: Database, options: DesignOptions): Promise<ReadDraft> {
  const { oldSchema, newSchema, map } = options
  await loadParser()
  const report = nameFromSchema(options.overlap ?? (await measureOverlap(db, options)), oldSchema)
  return await readInOneSnapshot(db, options, async (reader) => {
    const { catalog, candidates } = await readCandidates(reader.client, [oldSchema])
    const overlap = await readMissingProfiles(reader, report, candidates)
    const named = new Set(overlap.groups.flatMap((group) => group.tables))
    const tables = catalog.tables.filter((table) => named.has(table.name) && /table$/.test(table.kind))
    assertThere(overlap, new Set(catalog.tables.map((table) => table.name)))
    const readable = tables.filter((table) => !overlap.tables.find((one) => one.name === table.name)?.unreadable)
    const columns = await readColumnFacts(reader, readable, overlap)
    const domains = await readDomains(reader, readable)
    const interactions = map?.interactions ?? null
    const mapIsWhole = map !== null && map.unresolved.length === 0
    const facts: DesignFacts = { oldSchema, newSchema, catalog, overlap, interactions, mapIsWhole, columns, domains }
    const plan = planDesign(facts)
    const references = await readOrphans(reader, oldSchema, plan.references)
    const counted = await readDuplicates(reader, { ...plan, references })
    reader.log.end()
    const settled = settleUniques(settleReferences(counted))
    const draft = buildDraft({ ...settled, view: planView(settled, facts) }, facts, options.schemaPath, options.before)
    return { ...draft, problems: [...overlap.problems, ...reader.problems] }
  })
}

async function measureOverlap(db: Database, options: DesignOptions): Promise<OverlapDocument> {
  const { tables, oldSchema, map } = options
  return await readOverlap(db, {
    ...options,
    ...{ tables, schemas: [oldSchema], map: map?.suspects ?? [] },
    ...{ migrations: null, sample: null, showsValues: false },
  })
}

/** A report that is older than the database would give a draft of columns and tables that are gone. */
function assertThere(overlap: OverlapDocument, names: ReadonlySet<string>): void {
  const gone = overlap.groups.flatMap((group) => group.tables).find((name) => !name.includes('.') && !names.has(name))
  if (gone === undefined) return
  throw new UsageError('design.stale', `The overlap report names ${gone}, which the database has no longer.`, {
    hint: 'Run crossfade overlap again, or remove OVERLAP_REPORT.json: then design measures for itself.',
  })
}
