import type { CatalogTable } from '../catalog/types.ts'
import type { Link, Mapping, SourceMapping, TargetColumn, TargetMapping } from '../spec/mapping.ts'
import { listCascades, listNativeRisks } from '../spec/risks.ts'
import { projection } from '../sqlgen/projection.ts'

/** MAPPING.md: how the mapping was understood, for the person who approves it. `tables` are the old ones and the new. Pure. */
export function buildMappingPage(
  mapping: Mapping,
  tables: readonly CatalogTable[],
  codeAtMove: readonly string[],
): string {
  return `# The mapping, as Crossfade understands it

${mapping.notes.map((note) => `> ${note}\n`).join('')}
${mapping.targets.map(unitPage).join('\n')}
${consequences(mapping, tables)}${codeAtMove.length === 0 ? '' : `## Code that native writes run\n${codeAtMove.map((line) => `- ${line}\n`).join('')}\n`}## Rules
- All waits of Crossfade in one transaction of the application add up to at most ${mapping.budgetMs} ms.
- After ${mapping.inlineWrites} synced writes in one transaction, further ones go through the outbox.
${mapping.indexes.map((index) => `- An index is missing, which Crossfade builds CONCURRENTLY and drops again: it finds rows of ${index.table.name} ${index.purpose}.\n`).join('')}- Tables that stay as they are: ${list(mapping.keep)}.
`
}

function unitPage(t: TargetMapping): string {
  const own = `Only of the new side, never touched by sync: ${list(t.ownColumns)}.`
  const reverse = t.reverse.map((i) => t.sources[i]?.relation.name ?? '')
  const native =
    reverse.length > 0
      ? `A row written natively is created in: ${list(reverse)}.`
      : `A row written natively isn't created here.`
  const rules = [...unitRules(t), ...t.columns.flatMap((column) => columnRule(t, column))]
  return `## ${t.name}

${heading(t)}

${t.sources.map((s) => sourcePage(t, s)).join('\n')}
${own}
${native}
${rules.map((rule) => `- ${rule}\n`).join('')}
<details><summary>The projection: what backfill, triggers, verify and repair compute</summary>

\`\`\`sql
${projection(t, { kind: 'all' }).text}
\`\`\`
</details>
`
}

function heading(t: TargetMapping): string {
  if (t.kind === 'append') {
    const handle = t.handle.map((column) => `\`${column.name}\``).join(', ')
    return `One row of ${t.relation.name} for each old row, which lineage knows by its old key. It draws its own ${handle}.`
  }
  return `One row for each ${t.key.map((key) => `\`${key.name}\` (${key.type})`).join(', ')}. Sources in order of precedence: where several have a value, the first gives it.`
}

/** What holds between rows: uniques, parents, children, links. */
function unitRules(t: TargetMapping): string[] {
  return [
    ...t.uniques.map((unique) => {
      const winner = unique.pick === null ? '' : `the ${unique.pick.direction} by \`${unique.pick.column}\`, then `
      const losers = unique.otherwise === 'journal' ? 'go to the journal' : 'are left out by rule'
      return `Of several rows with equal ${list(unique.columns)} one stays: ${winner}the smallest key. The others ${losers}.`
    }),
    ...t.parents.map(
      (parent) =>
        `${list(parent.columns)} must be in ${parent.relation.name} (${parent.referenced.join(', ')}); until it is, the row waits in the journal.`,
    ),
    ...t.children.map(
      (child) =>
        `A native delete ${child.onDelete === 'cascade' ? 'deletes the rows of' : 'is refused while there are rows of'} ${child.name} that reference it.`,
    ),
    ...(t.linkColumns.length > 0
      ? [`Old rows are linked to others by ${list(t.linkColumns)}: native writes can't change it.`]
      : []),
  ]
}

function columnRule(t: TargetMapping, column: TargetColumn): string[] {
  const { rule } = column
  if (rule.kind === 'expression') return [`\`${column.name}\` is \`${oneLine(rule.sql)}\`, ${extras(t)}.`]
  const names = rule.sources.map((i) => t.sources[i]?.relation.name ?? '')
  if (rule.kind === 'latest') {
    const by = rule.sources.map(
      (ordinal, i) => t.sources[ordinal]?.extras.find((extra) => extra.name === rule.by[i])?.sql,
    )
    return [`\`${column.name}\` comes from the row that was changed last, by ${list(by.map((sql) => sql ?? ''))}.`]
  }
  if (rule.kind === 'first row')
    return [`\`${column.name}\` comes from the first that has a row, empty or not: ${list(names)}.`]
  const usual = rule.sources.every((ordinal, i) => i === 0 || ordinal > (rule.sources[i - 1] ?? 0))
  return usual ? [] : [`\`${column.name}\` comes from the first that has a value: ${list(names)}.`]
}

function extras(t: TargetMapping): string {
  const named = t.sources.flatMap((s) =>
    s.extras.map((extra) => `\`s${s.ordinal + 1}.${extra.name}\` being \`${oneLine(extra.sql)}\``),
  )
  return named.join(', ') || 'a constant'
}

function sourcePage(t: TargetMapping, s: SourceMapping): string {
  const rows = s.feeds.map((feed) => {
    const back = s.back.filter((b) => b.feeds.includes(feed.column)).map((b) => `\`${b.name} = ${oneLine(b.back)}\``)
    const link = s.links.find((l) => l.column === feed.column)
    const from = link ? linkText(link) : `\`${oneLine(feed.from)}\``
    return `| ${feed.column} | ${from} | ${back.length > 0 ? back.join(', ') : 'no way back'} |`
  })
  const dropped = s.shape.filter((column) => !s.back.some((b) => b.name === column.name))
  const link = s.links.find((l) => l.column === null)
  const key = link ? linkText(link) : s.key.map((text) => `\`${oneLine(text)}\``).join(', ')
  const several = s.unique
    ? ', unique'
    : `; of several rows with one key ${s.latestBy ? `the latest by \`${s.latestBy}\`` : `the first by ${s.identity.map((c) => `\`${c.name}\``).join(', ')}`} feeds the new row`
  return `### from ${s.relation.schema}.${s.relation.name}${s.stub ? ', as a stub' : ''}
${s.stub ? '- It makes a row of what it knows where no other source has it; it is never written.\n' : ''}- Key: ${key}${several}.
- Rows without a key: ${s.otherwise === 'journal' ? 'into the journal' : 'left out by rule'}.${s.where === null ? '' : `\n- Left out by rule: rows for which \`${oneLine(s.where)}\` is not true.`}
${s.stub ? '' : `- In no new column: ${list(dropped.map((column) => column.name))}.\n`}
| new column | from the old row | back, for a native write |
|---|---|---|
${rows.join('\n')}
${t.sources.length > 1 ? '' : '\n'}`
}

/** A link step by step, with the names that its SQL uses. */
function linkText(link: Link): string {
  const steps = link.steps.map(
    (step) =>
      `${step.relation.name}, where \`${oneLine(step.to)}\` is \`${oneLine(step.link)}\`, the first by \`${step.order.map(oneLine).join(', ')}\``,
  )
  const generated =
    link.generated === null ? '' : `; where nothing is found, \`${link.generated.map(oneLine).join(', ')}\``
  return `\`${link.take.map(oneLine).join(', ')}\` of ${steps.join('; then ')}${generated}`
}

/** What the new schema makes of deletes, and what the old one makes of native writes. */
function consequences(mapping: Mapping, tables: readonly CatalogTable[]): string {
  const catalog = { serverVersion: 0, tables }
  const cascades = listCascades(mapping, catalog).map(
    (c) =>
      `- A delete of a row of ${c.parent.name} (today ${c.oldTables.map((o) => o.name).join(', ')}) deletes its rows of ${c.child.name} (today ${c.oldChildren.map((o) => o.name).join(', ')}).`,
  )
  const risks = listNativeRisks(mapping, catalog).map(
    (r) =>
      `- ${r.name}: ${r.source.name} ${r.kind} (${r.columns.join(', ')})${r.constraint === null ? '' : ` ${r.constraint}`}: ${oneLine(r.why)}.`,
  )
  return [
    ...section('What deletes will cascade after finish, and did not before', cascades),
    ...section('Rules of the old tables that can refuse a native write', risks),
  ].join('')
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}\n${lines.join('\n')}\n\n`]
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', ')
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|')
}
