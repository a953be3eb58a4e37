import { maskValue } from '../overlap/mask-value.ts'
import type { CheckExample, CheckFinding, CheckSeverity } from './check-report.ts'

export interface Found {
  /** What the id is made of. */
  readonly id: readonly string[]
  readonly severity: CheckSeverity
  readonly what: string
  readonly where: string
  readonly rows?: number
  readonly examples?: readonly CheckExample[]
  readonly places?: readonly string[]
  readonly advice: string
}

const ORDER: readonly CheckSeverity[] = ['stops', 'decide', 'note']

/** Findings as the report has them: what stops first, each with a name of its own, values masked unless they may be shown. */
export function settleFindings(
  found: readonly Found[],
  options: { readonly accept: readonly string[]; readonly showsValues: boolean },
): CheckFinding[] {
  const ids = new Map<string, number>()
  const shown = (value: string | null): string | null =>
    value === null || options.showsValues ? value : maskValue(value)
  return found
    .map((one): CheckFinding => {
      const name = one.id.map(plainWord).join('.')
      const times = (ids.get(name) ?? 0) + 1
      ids.set(name, times)
      const id = times === 1 ? name : `${name}.${times}`
      return {
        ...one,
        id,
        what: one.what.replace(/[.:;]+$/, ''),
        accepted: options.accept.includes(id),
        rows: one.rows ?? null,
        examples: (one.examples ?? []).map(({ key, values }) => ({ key: key.map(shown), values: values.map(shown) })),
        places: one.places ?? [],
      }
    })
    .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
}

function plainWord(text: string): string {
  return text.replace(/[^\p{L}\p{N}_]+/gu, '-').replace(/^-+|-+$/g, '')
}
