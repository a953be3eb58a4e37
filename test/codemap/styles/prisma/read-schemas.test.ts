import { describe, expect, test } from 'vitest'
import type { Project } from '../../../../src/codemap/project.ts'
import { readSchemas, schemaFor } from '../../../../src/codemap/styles/prisma/read-schemas.ts'

function projectOf(files: Readonly<Record<string, string>>): Project {
  return {
    files: (ending) => Object.keys(files).filter((file) => file.endsWith(ending)),
    read: async (file) => files[file] ?? null,
  }
}

async function readOne(text: string) {
  const [schema] = await readSchemas(projectOf({ 'prisma/schema.prisma': text }))
  if (schema === undefined) throw new Error('no schema was read')
  return schema
}

describe('a schema', () => {
  test('names tables, columns and enum values as the database does', async () => {
    const { models, enums } = await readOne(`
      datasource db { provider = "postgresql" }
      model BlogPost {
        id    Int    @id
        title String @default("a } b // c") @map("post_title") // a comment }
        state State  @default(DRAFT)
        /* @map("no") */
        price Unsupported("money")? @map(name: "cost")
        @@map("blog_posts")
        @@schema("cms")
      }
      enum State {
        DRAFT @map("draft")
        LIVE
        @@map("post_state")
      }`)
    const model = models.get('blogPost')
    expect(model).toMatchObject({ table: 'blog_posts', schema: 'cms', key: ['id'] })
    expect([...(model?.columns ?? [])]).toEqual([
      ['id', { column: 'id', enumeration: null }],
      ['title', { column: 'post_title', enumeration: null }],
      ['state', { column: 'state', enumeration: 'State' }],
      ['price', { column: 'cost', enumeration: null }],
    ])
    expect([...(enums.get('State') ?? [])]).toEqual([
      ['DRAFT', 'draft'],
      ['LIVE', 'LIVE'],
    ])
  })

  test('knows compound keys by the names that code uses', async () => {
    const { models } = await readOne(`
      datasource db { provider = "postgresql" }
      model Line {
        orderId Int @map("order_id")
        number  Int
        sku     String
        @@id([orderId, number])
        @@unique(fields: [sku, number(sort: Desc)], name: "skuNumber")
      }`)
    const line = models.get('line')
    expect(line?.key).toEqual(['order_id', 'number'])
    expect([...(line?.compound ?? [])]).toEqual([
      ['orderId_number', ['order_id', 'number']],
      ['skuNumber', ['sku', 'number']],
    ])
  })

  test('links a table with itself in both directions', async () => {
    const { models } = await readOne(`
      datasource db { provider = "postgresql" }
      model Person {
        id       Int      @id
        bossId   Int?     @map("boss_id")
        boss     Person?  @relation("Reports", fields: [bossId], references: [id])
        reports  Person[] @relation("Reports")
        likes    Person[] @relation("Likes")
        likedBy  Person[] @relation("Likes")
      }`)
    const relations = models.get('person')?.relations
    expect(relations?.get('boss')).toMatchObject({ kind: 'here', own: ['boss_id'], other: ['id'] })
    expect(relations?.get('reports')).toMatchObject({ kind: 'there', own: ['id'], other: ['boss_id'] })
    expect(relations?.get('likedBy')?.kind).toEqual({ table: '_Likes', schema: null, own: 'A' })
    expect(relations?.get('likes')?.kind).toEqual({ table: '_Likes', schema: null, own: 'B' })
  })

  test('takes the order of the alphabet for the table between two models', async () => {
    const { models } = await readOne(`
      datasource db { provider = "postgresql" }
      model Tag  { id Int @id; posts Post[] }
      model Tags { id Int @id
        posts Post[] }
      model Post { id Int @id
        tags Tags[] }`)
    expect(models.get('post')?.relations.get('tags')?.kind).toEqual({ table: '_PostToTags', schema: null, own: 'A' })
    expect(models.get('tags')?.relations.get('posts')?.kind).toEqual({ table: '_PostToTags', schema: null, own: 'B' })
  })

  test('is read as far as it goes', async () => {
    const { models } = await readOne('datasource db { provider = "postgresql" }\nmodel Half { id Int @id @map("x" \n')
    expect(models.get('half')?.columns.get('id')).toEqual({ column: 'x', enumeration: null })
  })
})

describe('several schemas', () => {
  test('are told apart by their folders, with the files below', async () => {
    const head = 'datasource db { provider = "postgresql" }\ngenerator client { provider = "prisma-client-js" }'
    const schemas = await readSchemas(
      projectOf({
        'apps/web/prisma/schema/main.prisma': head,
        'apps/web/prisma/schema/parts/user.prisma': 'model User { id Int @id\n @@map("web_users") }',
        'apps/jobs/schema.prisma': `${head}\nmodel User { id Int @id\n @@map("job_users") }`,
      }),
    )
    expect(schemas.map(({ folder }) => folder)).toEqual(['apps/web/prisma/schema', 'apps/jobs'])
    const tableFor = (importer: string) => schemaFor(schemas, importer, null)?.models.get('user')?.table
    expect(tableFor('apps/web/src/page.ts')).toBe('web_users')
    expect(tableFor('apps/jobs/src/run.ts')).toBe('job_users')
  })

  test('belong to the folder that the client is generated into', async () => {
    const schemas = await readSchemas(
      projectOf({
        'db/schema.prisma':
          'datasource db { provider = "postgresql" }\ngenerator a { provider = "prisma-client"\n output = "../src/generated/prisma" }',
        'other/schema.prisma':
          'datasource db { provider = "postgresql" }\ngenerator d { provider = "prisma-dbml-generator"\n output = "../docs" }',
      }),
    )
    expect(schemas.map(({ outputs }) => outputs)).toEqual([['src/generated/prisma'], []])
    expect(schemaFor(schemas, 'other/app.ts', 'src/generated/prisma/client')?.folder).toBe('db')
  })
})
