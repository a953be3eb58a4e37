import type { CrossfadeConfig } from '../spec/config.ts'
import type { DesignPlan, Remark } from './design-plan.ts'
import { wrapText } from './wrap-text.ts'

/** The configuration as a value, as the text of `writeConfig` gives it when it is loaded. */
export function buildConfig(plan: DesignPlan, schema: string): CrossfadeConfig {
  return {
    ...{ oldSchema: plan.oldSchema, newSchema: plan.newSchema, schema },
    tables: Object.fromEntries(plan.targets.map(({ name, rule }) => [name, rule])),
    ...(plan.keep.length > 0 ? { keep: plan.keep } : {}),
  }
}

/** The text of crossfade.config.ts; comments stand before what they are about. */
export function writeConfig(plan: DesignPlan, schema: string): string {
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
    '})',
    '',
  ].join('\n')
}

type Remarks = { readonly [path: string]: readonly Remark[] }

function writeValue(value: unknown, depth: number, path: string, remarks: Remarks): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[${value.map((one) => writeValue(one, depth, path, remarks)).join(', ')}]`
  if (value !== null && typeof value === 'object') return writeObject(value, depth, path, remarks)
  return String(value)
}

/** On one line where it fits and nothing is said of its parts. */
function writeObject(value: object, depth: number, path: string, remarks: Remarks): string {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  if (entries.length === 0) return '{}'
  const pathOf = (key: string): string => (path === '' ? key : `${path}.${key}`)
  const parts = entries.map(([key, one]) => ({
    above: remarks[pathOf(key)] ?? [],
    text: `${writeKey(key)}: ${writeValue(one, depth + 2, pathOf(key), remarks)}`,
  }))
  const flat = `{ ${parts.map(({ text }) => text).join(', ')} }`
  const isQuiet = parts.every(({ above, text }) => above.length === 0 && !text.includes('\n'))
  if (isQuiet && path.split('.').length > 2 && flat.length + depth < 90) return flat
  const indent = ' '.repeat(depth + 2)
  const lines = parts.flatMap(({ above, text }) => [...comment(above, indent), `${indent}${text},`])
  return `{\n${lines.join('\n')}\n${' '.repeat(depth)}}`
}

function writeKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key)
}

/** A string of TypeScript: as people write it, where JSON's escapes aren't needed. */
function quote(text: string): string {
  const json = JSON.stringify(text)
  if (text.includes("'")) return json
  return `'${json.slice(1, -1).replaceAll('\\"', '"')}'`
}

function comment(remarks: readonly Remark[], indent: string): string[] {
  return remarks
    .flatMap(({ kind, text }) => wrapText(kind === 'question' ? `QUESTION: ${text}` : text, 116 - indent.length))
    .map((line) => `${indent}// ${line}`)
}
