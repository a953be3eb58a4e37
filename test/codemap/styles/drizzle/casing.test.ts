import { expect, test } from 'vitest'
import { caseKey, columnName, keyAsName } from '../../../../src/codemap/styles/drizzle/casing.ts'

test.each([
  ['createdAt', 'created_at', 'createdAt'],
  ['apiURLKey', 'api_url_key', 'apiURLKey'],
  ['line2Text', 'line2_text', 'line2Text'],
  ['user_id', 'user_id', 'userId'],
  ['ID', 'id', 'id'],
])('%s is cut into words as Drizzle cuts it', (key, snake, camel) => {
  expect(caseKey(key, 'snake_case')).toBe(snake)
  expect(caseKey(key, 'camelCase')).toBe(camel)
  expect(caseKey(key, null)).toBe(key)
})

test('a name of its own is not changed', () => {
  expect(columnName('fullName', 'snake_case')).toBe('fullName')
  expect(columnName(keyAsName('fullName'), 'snake_case')).toBe('full_name')
})
