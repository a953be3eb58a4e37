/** What `crossfade.config.ts` imports. */
export {
  type AppendSource,
  type AppendSpec,
  append,
  type ColumnSpec,
  type CrossfadeConfig,
  defineConfig,
  type Expression,
  type MergeColumn,
  type MergeSource,
  type MergeSpec,
  merge,
  type ParentSpec,
  type UniqueSpec,
  type Via,
  type VocabularySpec,
} from './spec/config.ts'
