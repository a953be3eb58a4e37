import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type ParsedFile, parseFile } from './parse-file.ts'

/** A worker costs as much as parsing so many files. */
const FILES_PER_WORKER = 60
const MAX_WORKERS = 8
/** Files that a worker gets at once: few enough that none waits for another at the end. */
const BATCH = 24

/** There is none where the tool runs from its sources. */
const WORKER = new URL('./parse-worker.js', import.meta.url)

/** Parses files on all cores; each is given when it is there, in no order, so that what follows need not wait for all. */
export async function parseFiles(
  root: string,
  files: readonly string[],
  give: (parsed: ParsedFile) => void,
): Promise<void> {
  const workers = Math.min(availableParallelism(), MAX_WORKERS, Math.floor(files.length / FILES_PER_WORKER))
  if (workers < 2 || !existsSync(WORKER)) {
    for (const file of files) give(parseFile(root, file))
    return
  }
  const batches: string[][] = []
  for (let at = 0; at < files.length; at += BATCH) batches.push(files.slice(at, at + BATCH))
  let next = 0
  await Promise.all(
    Array.from({ length: workers }, async () => {
      const worker = new Worker(WORKER, { workerData: { root } })
      try {
        for (let batch = batches[next++]; batch; batch = batches[next++])
          for (const one of await ask(worker, batch)) give(one)
      } finally {
        await worker.terminate()
      }
    }),
  )
}

function ask(worker: Worker, batch: readonly string[]): Promise<readonly ParsedFile[]> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      worker.off('message', answer).off('error', fail).off('exit', gone)
    }
    const answer = (parsed: readonly ParsedFile[]): void => {
      done()
      resolve(parsed)
    }
    const fail = (error: Error): void => {
      done()
      reject(error)
    }
    const gone = (code: number): void => fail(new Error(`A worker that parses ended with code ${code}.`))
    worker.on('message', answer).on('error', fail).on('exit', gone)
    worker.postMessage(batch)
  })
}
