import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drawMatrix } from '../overlap/drawing/draw-matrix.ts'
import { drawSets } from '../overlap/drawing/draw-sets.ts'
import type { OverlapDocument } from '../overlap/overlap-document.ts'
import { writeOverlapPage } from '../overlap/page/report-page.ts'

/** Writes the report and its drawings; gives the JSON document as text, and the paths. */
export async function writeOverlapFiles(
  document: OverlapDocument,
  folder: string,
): Promise<{ text: string; written: string[] }> {
  const compared = document.pairs.filter((pair) => pair.counts !== null)
  const tables = [...new Set(document.groups.flatMap((group) => group.tables))]
  const matrix = compared.length > 0 ? 'OVERLAP_MATRIX.svg' : null
  const groups = document.groups.map((group, index) =>
    group.sets.length > 0 && group.keyed.length > 0 ? `OVERLAP_GROUP_${index + 1}.svg` : null,
  )
  const text = `${JSON.stringify(document, null, 2)}\n`
  const files: [name: string, text: string][] = [
    ['OVERLAP_REPORT.md', writeOverlapPage(document, { matrix, groups })],
    ['OVERLAP_REPORT.json', text],
    ...(matrix === null ? [] : [[matrix, drawMatrix(tables, compared)] as [string, string]]),
    ...document.groups.flatMap((group, index): [string, string][] => {
      const name = groups[index]
      return name ? [[name, drawSets(group)]] : []
    }),
  ]
  await mkdir(folder, { recursive: true })
  await removeOld(
    folder,
    files.map(([name]) => name),
  )
  await Promise.all(files.map(async ([name, body]) => await writeFile(join(folder, name), body)))
  return { text, written: files.map(([name]) => join(folder, name)) }
}

/** Drawings of an earlier run that had more groups would look like a part of this one. */
async function removeOld(folder: string, names: readonly string[]): Promise<void> {
  const there = await readdir(folder)
  const old = there.filter((name) => /^OVERLAP_(MATRIX|GROUP_\d+)\.svg$/.test(name) && !names.includes(name))
  await Promise.all(old.map(async (name) => await rm(join(folder, name))))
}
