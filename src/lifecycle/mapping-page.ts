import type { Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { projection } from '../sqlgen/projection.ts'

/** MAPPING.md: how the mapping was understood, for the person who approves it. Pure. */
export function buildMappingPage(mapping: Mapping): string {
  const targets = mapping.targets.map(
    (t) => `## ${t.name}

One row for each ${t.key.map((key) => `\`${key.name}\` (${key.type})`).join(', ')}. Sources in order of precedence: where several have a value, the first gives it.

${t.sources.map((s) => sourcePage(t, s)).join('\n')}
Only of the new side, never touched by sync: ${list(t.ownColumns)}.
A row written natively is created in: ${list(t.reverse.map((i) => t.sources[i]?.relation.name ?? ''))}.

<details><summary>The projection: what backfill, triggers, verify and repair compute</summary>

\`\`\`sql
${projection(t, { kind: 'all' }).text}
\`\`\`
</details>
`,
  )
  return `# The mapping, as Crossfade understands it

${mapping.notes.map((note) => `> ${note}\n`).join('')}
${targets.join('\n')}
## Rules
- All waits of Crossfade in one transaction of the application add up to at most ${mapping.budgetMs} ms.
- After ${mapping.inlineWrites} synced writes in one transaction, further ones go through the outbox.
${mapping.indexes.map((index) => `- An index is missing, which Crossfade builds CONCURRENTLY and drops again: it finds rows of ${index.table.name} ${index.purpose}.\n`).join('')}- Tables that stay as they are: ${list(mapping.keep)}.
`
}

function sourcePage(t: TargetMapping, s: SourceMapping): string {
  const rows = s.feeds.map((feed) => {
    const back = s.back.filter((b) => b.feeds.includes(feed.column)).map((b) => `\`${b.name} = ${oneLine(b.back)}\``)
    return `| ${feed.column} | \`${oneLine(feed.from)}\` | ${back.length > 0 ? back.join(', ') : 'no way back'} |`
  })
  const dropped = s.shape.filter((column) => !s.back.some((b) => b.name === column.name))
  return `### from ${s.relation.schema}.${s.relation.name}
- Key: ${s.key.map((key) => `\`${oneLine(key)}\``).join(', ')}${s.unique ? ', unique' : `; of several rows with one key ${s.latestBy ? `the latest by \`${s.latestBy}\`` : `the first by ${s.identity.map((c) => `\`${c.name}\``).join(', ')}`} feeds the new row`}.
- Rows without a key: ${s.otherwise === 'journal' ? 'into the journal' : 'left out by rule'}.${s.where === null ? '' : `\n- Left out by rule: rows for which \`${oneLine(s.where)}\` is not true.`}
- In no new column: ${list(dropped.map((column) => column.name))}.

| new column | from the old row | back, for a native write |
|---|---|---|
${rows.join('\n')}
${t.sources.length > 1 ? '' : '\n'}`
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', ')
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|')
}
