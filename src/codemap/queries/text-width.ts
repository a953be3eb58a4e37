/** Wide in every fixed-width font: CJK, kana, hangul, full-width forms, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u
const NO_WIDTH = /[\p{M}\p{Cf}]/u

/** Columns of a terminal, or of a fixed-width font, that the text takes. */
export function countCells(text: string): number {
  let cells = 0
  for (const sign of text) cells += NO_WIDTH.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1
  return cells
}

/** The text, or as much of it as fits into so many columns with `…` for the rest; it is cut in the middle, where names differ least. */
export function cutToCells(text: string, most: number): string {
  if (countCells(text) <= most) return text
  const signs = [...text]
  const head = take(signs, Math.ceil((most - 1) / 2))
  const tail = take([...signs].reverse(), Math.floor((most - 1) / 2))
  return `${head.join('')}…${tail.reverse().join('')}`
}

/** The text, or its beginning with `…`. */
export function cutEnd(text: string, most: number): string {
  return countCells(text) <= most ? text : `${take([...text], most - 1).join('')}…`
}

function take(signs: readonly string[], cells: number): string[] {
  const taken: string[] = []
  let used = 0
  for (const sign of signs) {
    used += countCells(sign)
    if (used > cells) break
    taken.push(sign)
  }
  return taken
}

/** Pixels that the text takes at most in any of the fixed-width fonts of the drawing (Menlo and DejaVu Sans Mono are the widest). */
export function codeWidth(text: string, size: number): number {
  return countCells(text) * size * 0.605
}

/** Pixels in a proportional font, on the safe side: DejaVu Sans Bold is wider than what most systems have. */
export function proseWidth(text: string, size: number): number {
  return countCells(text) * size * 0.66
}
