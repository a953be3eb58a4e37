import { literalsOf, membersOf } from '../../read-value.ts'
import type { Value } from '../../value.ts'
import { knexOf } from './values.ts'

/** The options of `knexSnakeCaseMappers({ … })`. */
export function optionsOf(wrap: Value): { upperCase: boolean; underscoreBeforeDigits: boolean } {
  const of = knexOf(wrap)
  const options = of?.is === 'mapper' ? of.options : null
  const isOn = (name: string): boolean =>
    membersOf(options ?? undefined).members.some(([key, value]) => key === name && literalsOf(value).includes(true))
  return { upperCase: isOn('upperCase'), underscoreBeforeDigits: isOn('underscoreBeforeDigits') }
}
