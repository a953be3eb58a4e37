/** What `crossfade.config.ts` imports. */
export {
  type ColumnSpec,
  type CrossfadeConfig,
  defineConfig,
  type Expression,
  type MergeColumn,
  type MergeSource,
  type MergeSpec,
  merge,
} from './spec/config.ts'
