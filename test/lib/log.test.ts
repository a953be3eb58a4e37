import { expect, test } from 'vitest'
import { createLogger, type LogOptions } from '../../src/lib/log.ts'

function record(options: Partial<LogOptions> & { isTTY?: boolean; columns?: number } = {}) {
  const clock = { now: 0 }
  const written: string[] = []
  const { isTTY = false, columns = 80, ...rest } = options
  const stream = { write: (text: string) => written.push(text), isTTY, columns }
  return { log: createLogger({ stream, now: () => clock.now, ...rest }), clock, text: () => written.join('') }
}

test('writes lines without passwords', () => {
  const { log, text } = record()
  log.info('at postgres://bob:s3cret@db/app')
  log.error('no')
  expect(text()).toBe('at postgres://bob:***@db/app\nno\n')
})

test('leaves out what is less urgent than its level', () => {
  const { log, text } = record({ level: 'warn' })
  log.info('a')
  log.progress('b')
  log.warn('c')
  log.end()
  expect(text()).toBe('c\n')
})

test('prints progress every two seconds where there is no terminal, and the last line at the end', () => {
  const { log, clock, text } = record()
  for (const at of [0, 500, 1999, 2000, 2500]) {
    clock.now = at
    log.progress(`at ${at}`)
  }
  log.end()
  expect(text()).toBe('at 0\nat 2000\nat 2500\n')
})

test('rewrites one line on a terminal, and keeps it below other messages', () => {
  const { log, text } = record({ isTTY: true, columns: 10 })
  log.progress('one')
  log.info('hello')
  log.progress('a line that is too long')
  log.end()
  const clear = '\r\u001b[2K'
  expect(text()).toBe(`${clear}one${clear}hello\none${clear}a line t…\n`)
})

test('gives machines one object a line', () => {
  const { log, text } = record({ json: true, isTTY: true })
  log.warn('\u001b[31mred\u001b[0m\nline')
  expect(JSON.parse(text())).toEqual({ time: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'red\nline' })
})
