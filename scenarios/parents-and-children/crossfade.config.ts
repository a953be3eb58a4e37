import { append, defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    // Children first here: what order is right, the foreign keys say.
    hours: append({
      sources: { time_entries: { columns: { task_id: 'task' }, parent: 'journal' } },
    }),
    tasks: merge({
      key: 'task_id',
      sources: {
        old_tasks: {
          key: 'id',
          columns: { project_id: 'project' },
          parent: { projects: { stub: { title: "'(unknown)'" } } },
        },
      },
    }),
    projects: merge({
      key: 'project_id',
      sources: { old_projects: { key: 'id' } },
      columns: { title: { otherwise: "'untitled'" } },
    }),
  },
})
