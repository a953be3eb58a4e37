import { describe, expect, test } from 'vitest'
import { camelCase, DEFAULT_NAMING, SNAKE_NAMING, snakeCase } from '../../../../src/codemap/styles/typeorm/naming.ts'

test.each([
  ['UserProfile', 'user_profile'],
  ['HTTPLog', 'http_log'],
  ['userID', 'user_id'],
  ['line2Text', 'line2_text'],
  ['ABTest', 'ab_test'],
])('%s becomes %s, as TypeORM cuts words', (name, snake) => {
  expect(snakeCase(name)).toBe(snake)
})

test('camelCase joins words', () => {
  expect(camelCase('author_id')).toBe('authorId')
  expect(camelCase('Author id')).toBe('authorId')
})

describe('names of the default strategy', () => {
  test('leave columns as properties, and prefix those of embedded classes', () => {
    expect(DEFAULT_NAMING.table('OrderLine', null)).toBe('order_line')
    expect(DEFAULT_NAMING.column('createdAt', null, [])).toBe('createdAt')
    expect(DEFAULT_NAMING.column('lastName', null, ['billing', 'name'])).toBe('billingNameLastname')
    expect(DEFAULT_NAMING.joinColumn('author', 'id')).toBe('authorId')
    expect(DEFAULT_NAMING.joinTable('post', 'tag', 'tags')).toBe('post_tags_tag')
    expect(DEFAULT_NAMING.joinTableColumn('post', 'id', 'id')).toBe('postId')
  })
})

describe('names of the snake strategy', () => {
  test('are in snake_case but where one is given', () => {
    expect(SNAKE_NAMING.column('createdAt', null, [])).toBe('created_at')
    expect(SNAKE_NAMING.column('createdAt', 'madeAt', [])).toBe('madeAt')
    expect(SNAKE_NAMING.column('lastName', null, ['fullName'])).toBe('full_name_last_name')
    expect(SNAKE_NAMING.joinColumn('assignedTo', 'id')).toBe('assigned_to_id')
    expect(SNAKE_NAMING.joinTableColumn('ticket_label', 'id', 'label_no')).toBe('ticket_label_label_no')
  })
})
