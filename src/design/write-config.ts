import type { CrossfadeConfig } from '../spec/config.ts'
import type { DesignPlan } from './design-plan.ts'
import { comment, quote, writeKey, writeObject } from './write-values.ts'
import { type KeptWords, writeSettings, writeWhere } from './write-words.ts'

/** The configuration as a value, as the text of `writeConfig` gives it when it is loaded. */
export function buildConfig(plan: DesignPlan, schema: string, words: KeptWords = {}): CrossfadeConfig {
  return {
    ...words,
    ...{ oldSchema: plan.oldSchema, newSchema: plan.newSchema, schema },
    tables: Object.fromEntries(plan.targets.map(({ name, rule }) => [name, rule])),
    ...(plan.keep.length > 0 ? { keep: plan.keep } : {}),
  }
}

/** The text of crossfade.config.ts; comments stand before what they are about. */
export function writeConfig(plan: DesignPlan, schema: string, words: KeptWords): string {
  const kinds = [...new Set(plan.targets.map(({ rule }) => rule.kind))].sort()
  const names = ['defineConfig', ...kinds].sort().join(', ')
  const tables = plan.targets.map(({ name, rule, ruleRemarks }) => {
    const { kind, ...spec } = rule
    return `    ${writeKey(name)}: ${kind}(${writeObject(spec, 4, '', ruleRemarks)}),`
  })
  const { oldSchema, newSchema, keep } = plan
  const quoted = keep.map(quote)
  const kept = `  keep: [${quoted.join(', ')}],`
  return [
    `import { ${names} } from 'pg-crossfade'`,
    '',
    ...comment(
      [
        {
          kind: 'reason',
          text: 'A draft of the mapping. Columns of the same name map by themselves. What only a person can decide begins with QUESTION.',
        },
        ...plan.remarks,
      ],
      '',
    ),
    'export default defineConfig({',
    ...writeWhere(words),
    `  oldSchema: ${quote(oldSchema)},`,
    `  newSchema: ${quote(newSchema)},`,
    `  schema: ${quote(schema)},`,
    '  tables: {',
    tables.join('\n\n'),
    '  },',
    ...(keep.length === 0
      ? []
      : [
          '  // Tables that stay as they are.',
          ...(kept.length <= 120 ? [kept] : ['  keep: [', ...quoted.map((one) => `    ${one},`), '  ],']),
        ]),
    ...writeSettings(words),
    '})',
    '',
  ].join('\n')
}
