import { readCodeMap } from './src/codemap/read-code-map.ts'
const at = performance.now()
const m: any = await (readCodeMap as any)(process.argv[2] ?? '.')
console.error('ms', Math.round(performance.now() - at), 'rss', Math.round(process.memoryUsage().rss / 1e6))
const map = m.map ?? m
console.log(Object.keys(m))
const ints = map.interactions
const by: any = {}
for (const i of ints) { const k = `${i.style} ${i.operation}`; by[k] = (by[k] ?? 0) + 1 }
console.log(by, ints.length, map.unresolved.length)
const r: any = {}
for (const u of map.unresolved) { const k = `${u.style}: ${u.reason}`; r[k] = (r[k] ?? 0) + 1 }
console.log(Object.entries(r).sort((a: any, b: any) => b[1] - a[1]).slice(0, 20))
