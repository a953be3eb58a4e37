/** The rows of `contents`, as a person would join them. */
export const joined = `
  SELECT coalesce(d.decision_id, g.decision_id) AS decision_id, d.title, d.body, coalesce(d.status, g.status, 'draft') AS status, d.score, d.tags,
         g.model, g.prompt, g.quality, g.tokens, d.created_at, coalesce(d.updated_at, g.updated_at) AS updated_at
    FROM drafts AS d FULL JOIN generations AS g ON g.decision_id = d.decision_id`

/** The backfill in one statement. */
export const joinInto = `INSERT INTO contents (decision_id, title, body, status, score, tags, model, prompt, quality, tokens, created_at, updated_at) ${joined}`
