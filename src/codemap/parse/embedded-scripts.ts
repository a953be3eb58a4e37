/** The code of a .vue, .svelte or .astro file, with all else blanked out, so that lines and columns stay what they are. */
export function scriptOf(file: string, text: string): { code: string; lang: 'ts' | 'tsx' } {
  const blocks = file.endsWith('.astro') ? [...fences(text), ...scripts(text)] : scripts(text)
  let code = ''
  let at = 0
  for (const { start, end } of blocks.sort((a, b) => a.start - b.start)) {
    code += blank(text.slice(at, start)) + text.slice(start, end)
    at = end
  }
  const lang = /<script[^>]*\blang=["'](tsx|jsx)["']/.test(text) ? 'tsx' : 'ts'
  return { code: code + blank(text.slice(at)), lang }
}

interface Block {
  readonly start: number
  readonly end: number
}

function scripts(text: string): Block[] {
  return [...text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map((found) => {
    const start = found.index + found[0].indexOf('>') + 1
    return { start, end: start + (found[1] ?? '').length }
  })
}

/** What stands between the first two `---` of a page. */
function fences(text: string): Block[] {
  const found = /^\s*---\r?\n([\s\S]*?)\r?\n---/.exec(text)
  if (!found) return []
  const start = found[0].indexOf('---') + 3
  return [{ start, end: found[0].length - 3 }]
}

function blank(text: string): string {
  return text.replace(/[^\n\r]/g, ' ')
}
