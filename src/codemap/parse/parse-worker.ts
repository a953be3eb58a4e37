import { parentPort, workerData } from 'node:worker_threads'
import { parseFile } from './parse-file.ts'

// A worker of parse-files.ts: takes lists of files, gives them back parsed.
const { root } = workerData as { root: string }
parentPort?.on('message', (files: readonly string[]) => {
  parentPort?.postMessage(files.map((file) => parseFile(root, file)))
})
