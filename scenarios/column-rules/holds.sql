-- name: each column by its own rule
with ids as (
  select id from crm_people union select id from shop_people union select id from letter_people
), words as (
  select id, case when status in ('active', 'live') then 'on' when status in ('closed', 'gone') then 'off' end as status,
         case when tier in ('gold', 'silver') then 'premium' else tier end as tier,
         case when channel in ('web', 'www') then 'online' when channel = 'phone' then 'voice' else 'other' end as channel
    from crm_people
), cities as (
  select distinct on (id) id, city from (
    select id, city, updated_at, 1 as place from crm_people
    union all select id, city, updated_at, 2 from shop_people
    union all select id, city, updated_at, 3 from letter_people) as all_three
   order by id, updated_at desc, place
), expected as (
  select i.id, coalesce(c.name, s.name) as name, case when c.id is not null then c.phone else s.phone end as phone, ci.city,
         coalesce(l.email, c.email, s.email) as email, greatest(c.score, s.score) as score,
         coalesce(c.visits, 0) + coalesce(s.visits, 0) as visits,
         coalesce(w.status, case s.state when 'A' then 'on' when 'C' then 'off' else s.state end) as status, w.tier, w.channel
    from ids i left join crm_people c using (id) left join shop_people s using (id) left join letter_people l using (id)
    left join words w using (id) left join cities ci using (id)
   where c.status is null or w.status is not null
), actual as (
  select id, name, phone, city, email, score, visits, status, tier, channel from people
)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: the journal has who is in a state that nobody knows
with unknown as (select id::text from crm_people where status not in ('active', 'live', 'closed', 'gone')),
journaled as (select key[1] from crossfade.journal)
(select 'missing' as what, * from (table unknown except all table journaled) as m)
union all
(select 'extra' as what, * from (table journaled except all table unknown) as e);

-- name: the compat view speaks the old language
-- when: reads
select c.id, c.status, v.status as shown, c.tier, v.tier, c.channel, v.channel
  from crm_people c join crossfade_compat.crm_people v using (id)
 where (c.status, c.channel) <> (v.status, v.channel) or c.tier is distinct from v.tier;
