// Run with the folder of the peers as the current one: loads the files of a folder as a project and looks at each call.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const { Project, SyntaxKind } = createRequire(join(process.cwd(), 'package.json'))('ts-morph')
const [folder, types] = process.argv.slice(2)
const project = new Project({ compilerOptions: { allowJs: true, jsx: 1 } })
project.addSourceFilesAtPaths([`${folder}/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}`])
let calls = 0
for (const file of project.getSourceFiles())
  for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const callee = call.getExpression()
    // What a client is, only its type says.
    if (types === 'types') callee.getType().getText()
    else callee.getText()
    calls += 1
  }
process.stdout.write(`${calls} calls in ${project.getSourceFiles().length} files\n`)
