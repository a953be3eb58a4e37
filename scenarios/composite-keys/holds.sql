-- name: both tables side by side are the stock
with expected as (
  select coalesce(c.warehouse, p.site) as warehouse, coalesce(c.article, p.article_no)::bigint as article,
         c.quantity, p.reserved, p.shelf, c.counted_at
    from stock_counts c full join stock_places p on p.site = c.warehouse and p.article_no = c.article
)
(select * from expected except all select warehouse, article, quantity, reserved, shelf, counted_at from stock)
union all
(select warehouse, article, quantity, reserved, shelf, counted_at from stock except all select * from expected);

-- name: the compat views show both tables
-- when: reads
(select warehouse, article::text, quantity::text from stock_counts
 except select warehouse, article::text, quantity::text from crossfade_compat.stock_counts)
union all
(select warehouse, article::text, quantity::text from crossfade_compat.stock_counts
 except select warehouse, article::text, quantity::text from stock_counts)
union all
(select site, id::text, shelf from stock_places except select site, id::text, shelf from crossfade_compat.stock_places)
union all
(select site, id::text, shelf from crossfade_compat.stock_places except select site, id::text, shelf from stock_places);

-- name: nothing is in the journal
select * from crossfade.journal;
