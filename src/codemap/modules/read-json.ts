/** JSON as tsconfig.json allows it: with comments and trailing commas. Null where it isn't JSON. */
export function parseLooseJson(text: string): unknown {
  try {
    return JSON.parse(withoutComments(text).replace(/,(\s*[}\]])/g, '$1'))
  } catch {
    return null
  }
}

/** Comments go, strings stay. */
function withoutComments(text: string): string {
  return text.replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (found) => (found.startsWith('"') ? found : ''))
}

export type Json = Readonly<Record<string, unknown>>

export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

export function asTexts(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((one) => typeof one === 'string')
    : typeof value === 'string'
      ? [value]
      : []
}
