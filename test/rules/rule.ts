/** A rule that keeps both sides right, the small change of the source that takes it out, and the tests that notice. */
export interface Rule {
  /** Short and stable: `npm run rules -- guard-secret` takes this one out. */
  readonly id: string
  /** What must hold. */
  readonly rule: string
  /** What happens without it. */
  readonly without: string
  /** From the root of the checkout. */
  readonly file: string
  /** Stands exactly once in the file … */
  readonly from: string
  /** … and becomes this. */
  readonly to: string
  /** `engine/races.test.ts > title`: of a title a part without placeholders. Each must go red. */
  readonly tests: readonly string[]
}

export interface TestName {
  /** From the root of the checkout. */
  readonly file: string
  readonly title: string
}

/** Splits `engine/races.test.ts > title`. */
export function parseTest(name: string): TestName {
  const at = name.indexOf(' > ')
  if (at < 0) throw new Error(`a test is named "file > title", not ${name}`)
  return { file: `test/${name.slice(0, at)}`, title: name.slice(at + 3) }
}

/** How often a text stands in another. */
export function countOf(text: string, part: string): number {
  return part === '' ? 0 : text.split(part).length - 1
}
