import type { Attack } from './attacks.ts'
import { parseTest, type Rule } from './rule.ts'

/** `docs/rules.md`. */
export function buildRulesPage(
  parts: readonly { readonly title: string; readonly rules: readonly Rule[] }[],
  attacks: readonly Attack[],
): string {
  const total = parts.reduce((sum, part) => sum + part.rules.length, 0)
  const sections = parts.map(
    ({ title, rules }) => `## ${title}

| rule | where | what shows it | without it |
| ---- | ----- | ------------- | ---------- |
${rules.map(buildRow).join('\n')}
`,
  )
  return `# Rules

${total} rules keep both sides right. Each has a test that fails when the rule is taken out. \`npm run rules\` takes them out,
one after the other, in a copy of the checkout, runs the tests that are named here, and fails where one stays green. This
page is made from the same list ([test/rules/list](../test/rules/list)).

${sections.join('\n')}
## Attacks

What is done to the tables in these tests would break a naive sync. The list is [test/rules/attacks.ts](../test/rules/attacks.ts).

| attack | what shows it |
| ------ | ------------- |
${attacks.map((attack) => `| ${attack.what} | ${linkTests(attack.tests)} |`).join('\n')}
`
}

function linkTests(names: readonly string[]): string {
  const links = names.map((name) => {
    const { file, title } = parseTest(name)
    return `[${file.replace('test/', '')}](../${file}): ${title.trim()}`
  })
  return links.join('<br>')
}

function buildRow(rule: Rule): string {
  const cells = [
    `${rule.rule} (\`${rule.id}\`)`,
    `[${rule.file}](../${rule.file})`,
    linkTests(rule.tests),
    rule.without,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
