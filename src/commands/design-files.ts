import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isUntouched, sealDraft } from '../design/seal-draft.ts'

export interface DraftFile {
  readonly path: string
  readonly text: string
  /** What begins a line comment. */
  readonly comment: '--' | '//'
}

export interface WrittenDraft {
  readonly path: string
  /** beside: the file of its name was changed by hand, so it stays, and the draft stands beside it. */
  readonly state: 'new' | 'written again' | 'unchanged' | 'beside'
}

/**
 * Writes drafts only where nothing is, or what was written last and nobody has changed. If one of them was changed, all go
 * beside (`*.draft`): a new schema under an old mapping would be neither.
 */
export async function writeDrafts(files: readonly DraftFile[]): Promise<WrittenDraft[]> {
  const there = await Promise.all(files.map(async ({ path }) => await readText(path)))
  const edited = there.some((text) => text !== null && !isUntouched(text))
  return await Promise.all(
    files.map(async (file, at): Promise<WrittenDraft> => {
      const sealed = sealDraft(file.text, file.comment)
      const before = there[at] ?? null
      if (before === sealed) return { path: file.path, state: 'unchanged' }
      const path = edited ? await findFree(file.path, sealed) : file.path
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, sealed)
      return { path, state: edited ? 'beside' : before === null ? 'new' : 'written again' }
    }),
  )
}

/** `x.draft`, or the next one that nobody has changed. */
async function findFree(path: string, sealed: string): Promise<string> {
  for (let at = 1; ; at++) {
    const candidate = join(dirname(path), `${basename(path)}.draft${at === 1 ? '' : `-${at}`}`)
    const text = await readText(candidate)
    if (text === null || text === sealed || isUntouched(text)) return candidate
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
