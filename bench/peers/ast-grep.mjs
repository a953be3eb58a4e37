// Run with the folder of the peers as the current one: every call of one method in the files of a folder.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const { findInFiles, Lang } = createRequire(join(process.cwd(), 'package.json'))('@ast-grep/napi')
const [folder] = process.argv.slice(2)
let [found, files] = [0, 0]
// Each file is handed over by a callback, also after the promise: the process ends when all have been.
for (const lang of [Lang.TypeScript, Lang.Tsx, Lang.JavaScript])
  await findInFiles(
    lang,
    { paths: [folder], matcher: { rule: { pattern: '$CLIENT.from($$$ARGS)' } } },
    (_error, nodes) => {
      found += nodes.length
      files += 1
    },
  )
process.on('exit', () => process.stdout.write(`${found} calls in ${files} files\n`))
