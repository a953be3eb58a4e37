import type { Flow, InteractionMap, SuspectGroup, TableSummary } from '../interaction-map.ts'
import { count } from '../queries/statistics.ts'
import { drawFlows, drawGroup } from './group-diagram.ts'
import { markdownCode, markdownLink, markdownText } from './markdown-text.ts'
import { drawOverview } from './overview-diagram.ts'
import { groupTables, keyOf, type TableGroup } from './table-groups.ts'
import { collectUsages, type Usage } from './usage.ts'

/** Flows that are told in full; the rest are in the JSON. */
const MOST_FLOWS = 20
const MOST_LINKS = 5

/**
 * DATA_FLOW_DIAGRAM.md, as GitHub shows it: an overview, the flows as sentences, the suspects, and a part for each group
 * of tables with a small diagram. `toRoot` leads from the page's folder to the root of the code (`../`), for links.
 */
export function writeDataFlowPage(map: InteractionMap, toRoot: string): string {
  const groups = groupTables(map)
  const usages = collectUsages(map)
  const parts = [
    ...writeHead(map),
    ...(map.tables.length === 0 ? [] : writeOverview(map, groups)),
    ...writeFlows(map, toRoot),
    ...writeSuspects(map.suspects),
    ...groups.flatMap((group, index) => writeGroup(group, index, usages, toRoot)),
  ]
  return `${parts
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`
}

function writeHead({ summary, tables }: InteractionMap): string[] {
  const { interactions, files, reads, writes, updates, deletes, unresolved } = summary
  const classes = (['critical', 'important', 'legacy', 'unknown'] as const).flatMap((name) => {
    const some = tables.filter((table) => table.class === name).length
    return some === 0 ? [] : [`${some} ${name}`]
  })
  return [
    '# How data flows',
    '',
    `${count(interactions, 'access', 'accesses')} to ${count(tables.length, 'table')} in ${count(files, 'file')}: ` +
      `${count(reads, 'read')}, ${count(writes, 'insert')}, ${count(updates, 'update')}, ${count(deletes, 'delete')}` +
      `${unresolved > 0 ? `; ${count(unresolved, 'access', 'accesses')} more could not be resolved` : ''}.`,
    ...(classes.length > 0 ? ['', `Tables by class: ${classes.join(', ')}.`] : []),
    '',
    'Thick lines write, dotted lines only read. Cylinders are tables: red critical, blue important, grey and dashed legacy, yellow unknown.',
    '',
  ]
}

function writeOverview(map: InteractionMap, groups: readonly TableGroup[]): string[] {
  const contents = groups.map(({ name, tables }, index) => {
    return `${index + 1}. [${markdownText(title(name))}](#tables-${index + 1}): ${tables.map((table) => markdownCode(keyOf(table))).join(', ')}`
  })
  return ['## Overview', '', ...fenced(drawOverview(map, groups)), '', ...contents, '']
}

function writeFlows(map: InteractionMap, toRoot: string): string[] {
  if (map.flows.length === 0) return []
  const shown = map.flows.slice(0, MOST_FLOWS)
  const more = map.flows.length - shown.length
  return [
    '## Flows',
    '',
    'Who writes what another reads, the critical ones first.',
    '',
    ...fenced(drawFlows(map)),
    '',
    ...shown.map((flow, index) => `${index + 1}. ${tellFlow(flow, toRoot)}`),
    ...(more > 0 ? ['', `${count(more, 'more flow')} in \`DATABASE_INTERACTION_MAP.json\`.`] : []),
    '',
  ]
}

/** The sentence of the flow, with each operation linked to where it stands. */
function tellFlow({ steps, critical, evidence }: Flow, toRoot: string): string {
  const words = steps.map((step, index) => {
    const [place] = step.places
    const said = step.operations.join(', ')
    const operations = place ? markdownLink(said, place, toRoot) : said
    const table = `${markdownCode(step.table)} (${operations})`
    if (index === 0) return `**${markdownText(step.module)}** → ${table}`
    return steps[index - 1]?.table === step.table ? `**${markdownText(step.module)}** (${operations})` : table
  })
  return `${critical ? 'critical: ' : ''}${words.join(' → ')}<br/>${evidence.map(markdownText).join(' ')}`
}

function writeSuspects(suspects: readonly SuspectGroup[]): string[] {
  if (suspects.length === 0) return []
  return [
    '## Tables that look like the same thing',
    '',
    ...suspects.flatMap(({ tables, score, evidence }) => [
      `### ${tables.map(markdownCode).join(', ')}`,
      '',
      `Score ${score.toFixed(2)} of 1.`,
      '',
      ...evidence.map((sentence) => `- ${markdownText(sentence)}`),
      '',
    ]),
  ]
}

function writeGroup(
  group: TableGroup,
  index: number,
  usages: ReadonlyMap<string, readonly Usage[]>,
  toRoot: string,
): string[] {
  return [
    `<a id="tables-${index + 1}"></a>`,
    '',
    `## ${markdownText(title(group.name))}`,
    '',
    ...fenced(drawGroup(group, usages)),
    '',
    '| table | class | operations | why | where |',
    '| --- | --- | --- | --- | --- |',
    ...group.tables.map((table) => writeRow(table, usages.get(keyOf(table)) ?? [], toRoot)),
    '',
  ]
}

function writeRow(table: TableSummary, usages: readonly Usage[], toRoot: string): string {
  const operations = Object.entries(table.byOperation).map(([operation, times]) => `${times} ${operation}`)
  const links = usages.slice(0, MOST_LINKS).flatMap(({ file, interactions }) => {
    const [first] = interactions
    return first ? [markdownLink(file, first, toRoot)] : []
  })
  const more = usages.length - links.length
  const where = [...links, ...(more > 0 ? [`${more} more`] : [])].join('<br/>')
  const why = table.evidence.map(markdownText).join('<br/>')
  return `| ${markdownCode(keyOf(table))} | ${table.class} | ${operations.join(', ')} | ${why} | ${where} |`
}

function title(name: string): string {
  return /^\p{Ll}+$/u.test(name) ? `${name.slice(0, 1).toUpperCase()}${name.slice(1)}` : name
}

function fenced(diagram: readonly string[]): string[] {
  return diagram.length === 0 ? [] : ['```mermaid', ...diagram, '```']
}
