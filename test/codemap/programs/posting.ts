import { describeProgram } from '../program.ts'

/** An automated posting product: a queue in two tables, posts in three, measurements in three, and what is left of others. */
export const postingProgram = describeProgram(`
  entry src/main.ts
  import src/main.ts src/jobs/planJob.ts
  import src/main.ts src/jobs/postingQueue.ts
  import src/main.ts src/jobs/metricsCollector.ts
  import src/main.ts src/jobs/learnJob.ts
  import src/main.ts src/jobs/replyJob.ts
  import src/main.ts src/web/dashboard.ts
  import src/jobs/planJob.ts src/config/settings.ts
  import src/jobs/postingQueue.ts src/config/settings.ts
  import src/jobs/learnJob.ts src/config/settings.ts
  import src/jobs/replyJob.ts src/config/settings.ts
  import src/jobs/postingQueue.ts src/posting/tell.ts
  import src/jobs/metricsCollector.ts src/metrics/store.ts
  import src/web/dashboard.ts src/web/queries.ts

  timer src/main.ts src/jobs/planJob.ts#planJob
  timer src/main.ts src/jobs/postingQueue.ts#processQueue
  timer src/main.ts src/jobs/metricsCollector.ts#collectMetrics
  schedule src/main.ts src/jobs/learnJob.ts#learn
  timer src/main.ts src/jobs/replyJob.ts#findReplies
  request src/web/dashboard.ts src/web/dashboard.ts#showPosts

  call src/main.ts# src/jobs/planJob.ts#planJob
  call src/jobs/planJob.ts#planJob src/config/settings.ts#readSetting
  call src/jobs/planJob.ts#planJob src/jobs/planJob.ts#insertMetadata
  call src/jobs/planJob.ts#planJob src/jobs/planJob.ts#insertComprehensive
  call src/jobs/postingQueue.ts#processQueue src/config/settings.ts#readSetting
  call src/jobs/postingQueue.ts#processQueue src/jobs/postingQueue.ts#claimDue
  call src/jobs/postingQueue.ts#processQueue src/jobs/postingQueue.ts#markPosted
  call src/jobs/postingQueue.ts#processQueue src/posting/tell.ts#tellAll
  call src/posting/tell.ts#tellAll src/posting/tell.ts#tellDecision
  call src/posting/tell.ts#tellAll src/posting/tell.ts#tellTweet
  call src/posting/tell.ts#tellAll src/posting/tell.ts#tellPost
  call src/jobs/metricsCollector.ts#collectMetrics src/metrics/store.ts#storeMetrics
  call src/jobs/learnJob.ts#learn src/config/settings.ts#readSetting
  call src/jobs/replyJob.ts#findReplies src/config/settings.ts#readSetting
  call src/web/dashboard.ts#showPosts src/web/queries.ts#listPosts
  call src/web/dashboard.ts#showPosts src/web/queries.ts#readPerformance

  src/config/settings.ts#readSetting select bot_config read:value filtered:key
  src/web/dashboard.ts#saveSetting upsert bot_config written:key,value,updated_at

  src/jobs/planJob.ts#planJob select learning_posts read:content,lesson,score ordered:score
  src/jobs/planJob.ts#planJob select content_metadata read:id filtered:status,scheduled_at status=queued
  src/jobs/planJob.ts#insertMetadata insert content_metadata written:decision_id<plan.key,content<plan.content,decision_type<plan.decisionType,scheduled_at<plan.due,topic<plan.topic,tone<plan.tone,angle<plan.angle,generator_name,quality,status status=queued generator_name=planner
  src/jobs/planJob.ts#insertComprehensive insert content_generation_metadata_comprehensive written:decision_id<plan.key,content<plan.content,decision_type<plan.decisionType,scheduled_at<plan.due,raw_topic<plan.topic,tone<plan.tone,angle<plan.angle,generator_name,quality_score,format_strategy,visual_format,status status=queued generator_name=planner

  src/jobs/postingQueue.ts#claimDue select content_metadata read:id,decision_id,content,decision_type,generator_name,topic filtered:status,scheduled_at ordered:scheduled_at status=queued
  src/jobs/postingQueue.ts#claimDue update content_metadata written:status filtered:id status=posting
  src/jobs/postingQueue.ts#claimDue update content_generation_metadata_comprehensive written:status,updated_at filtered:decision_id status=posting
  src/jobs/postingQueue.ts#markPosted update content_metadata written:status,posted_at filtered:decision_id status=posted
  src/jobs/postingQueue.ts#markPosted update content_generation_metadata_comprehensive written:status,posted_at,updated_at filtered:decision_id status=posted
  src/posting/tell.ts#tellDecision insert posted_decisions written:decision_id<due.decision_id,tweet_id<tweetId,content<due.content,decision_type<oldWord(due),generator_name<due.generator_name,topic<due.topic
  src/posting/tell.ts#tellTweet insert tweets written:tweet_id<tweetId,text<due.content,url<linkTo(tweetId),kind<oldWord(due),thread
  src/posting/tell.ts#tellPost insert posts written:external_id<tweetId,body<due.content,permalink<linkTo(tweetId),format<oldWord(due)

  src/jobs/metricsCollector.ts#collectMetrics select posted_decisions read:decision_id,tweet_id filtered:posted_at,tweet_id ordered:id
  src/metrics/store.ts#storeMetrics insert outcomes written:decision_id,tweet_id<tweet.id,likes<counts.likes,retweets<counts.retweets,replies<counts.replies,bookmarks<counts.bookmarks,impressions<counts.impressions,views,engagement_rate<rate
  src/metrics/store.ts#storeMetrics insert real_tweet_metrics written:tweet_id<tweet.id,likes<counts.likes,retweets<counts.retweets,replies<counts.replies,bookmarks<counts.bookmarks,impressions<counts.impressions,engagement<rate,captured_at
  src/metrics/store.ts#storeMetrics insert tweet_analytics written:tweet_id<tweet.id,favorites<counts.likes,shares<counts.retweets,comments<counts.replies,saves<counts.bookmarks,views,engagement_percent,measured_at

  src/jobs/learnJob.ts#learn select outcomes read:decision_id,engagement_rate,likes filtered:collected_at ordered:engagement_rate
  src/jobs/learnJob.ts#learn select posted_decisions read:content,topic filtered:decision_id
  src/jobs/learnJob.ts#learn insert learning_posts written:content,lesson,score,decision_id

  src/jobs/replyJob.ts#findReplies select discovered_accounts read:username,followers ordered:followers
  src/jobs/replyJob.ts#findReplies upsert discovered_accounts written:username,followers,discovered_at
  src/jobs/replyJob.ts#findReplies insert reply_opportunities written:target_tweet_id,target_username,status status=open
  src/jobs/replyJob.ts#findReplies select reply_opportunities read:target_tweet_id filtered:status status=open
  src/jobs/replyJob.ts#findReplies insert content_metadata written:decision_id,content,decision_type,target_tweet_id,target_username,status status=queued decision_type=reply
  src/jobs/replyJob.ts#findReplies insert activity_log written:event,decision_id,at

  src/web/queries.ts#listPosts select posted_decisions read:decision_id,content,posted_at,tweet_id ordered:posted_at
  src/web/queries.ts#listPosts select tweets read:tweet_id,text,url filtered:tweet_id
  src/web/queries.ts#readPerformance select outcomes read:likes,retweets,engagement_rate filtered:decision_id
  src/web/queries.ts#readPerformance select real_tweet_metrics read:likes,retweets,engagement filtered:tweet_id

  src/old/weeklyReport.ts#report select tweet_reports read:* filtered:week
  src/old/weeklyReport.ts#report insert tweet_reports written:week,text
  scripts/backfill-scores.ts#main update viral_scores written:score filtered:tweet_id
  scripts/backfill-scores.ts#main select viral_scores read:*
  supabase/migrations/001_init.sql# ddl content_metadata
  supabase/migrations/001_init.sql# ddl unified_posts
  supabase/migrations/001_init.sql# ddl post_formats
  supabase/migrations/002_formats.sql# insert post_formats written:name,weight
  src/jobs/planJob.ts#planJob select post_formats read:name,weight
  src/jobs/planJob.test.ts# insert test_runs written:name
  src/jobs/planJob.test.ts# select test_runs read:name
`)
