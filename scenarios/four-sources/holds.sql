-- name: a member is who is in any of the four tables
(select id from people union select person_id from profiles union select person_id from billing_customers
 union select user_id::uuid from newsletter_subscribers where user_id !~ 'guest')
except select member_id from members;

-- name: nobody else is a member
select member_id from members
except (select id from people union select person_id from profiles union select person_id from billing_customers
 union select user_id::uuid from newsletter_subscribers where user_id !~ 'guest');

-- name: each value is of the first table that has one
select m.member_id from members m
  left join people p on p.id = m.member_id
  left join profiles f on f.person_id = m.member_id
  left join billing_customers b on b.person_id = m.member_id
 where m.name is distinct from coalesce(p.name, f.display_name)
    or m.email is distinct from coalesce(p.email, b.invoice_email)
    or m.bio is distinct from f.bio
    or m.stripe_id is distinct from b.stripe_id
    or m.plan <> coalesce(b.plan, 'free')
    or m.created_at is distinct from p.created_at;

-- name: the latest word on the newsletter counts
select m.member_id from members m
 where m.subscribed is distinct from (
   select n.subscribed from newsletter_subscribers n where n.user_id = m.member_id::text
    order by n.changed_at desc, n.id limit 1);

-- name: the compat views show the tables with one row for each member
-- when: reads
(select person_id, stripe_id, plan from billing_customers
 except select person_id, stripe_id, plan from crossfade_compat.billing_customers)
union all
(select person_id, stripe_id, plan from crossfade_compat.billing_customers
 except select person_id, stripe_id, plan from billing_customers);

-- name: the compat view of people has exactly the people; what they lack may come from elsewhere
-- when: reads
select id from people p full join crossfade_compat.people c using (id)
 where p.id is null or c.id is null or c.name <> p.name or c.email <> p.email or c.created_at <> p.created_at;

-- name: nothing is in the journal
select * from crossfade.journal;
