create table people (id uuid primary key, name text, email text, created_at timestamptz not null default now());
create table profiles (person_id uuid primary key, display_name text, bio text, avatar_url text);
create table billing_customers (
  id serial primary key,
  person_id uuid not null unique,
  stripe_id text unique,
  plan text not null default 'free',
  invoice_email text
);
create table newsletter_subscribers (
  id serial primary key,
  user_id text,
  subscribed boolean not null,
  changed_at timestamptz not null default clock_timestamp()
);
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;
insert into people (id, name, email)
select key_of(n), case when n % 3 > 0 then 'Person ' || n end, 'p' || n || '@example.org' from generate_series(1, 200) as n;
insert into profiles (person_id, display_name, bio)
select key_of(n), 'Profile ' || n, case when n % 2 = 0 then 'bio 📖 ' || n end from generate_series(100, 300) as n;
insert into billing_customers (person_id, stripe_id, plan, invoice_email)
select key_of(n), 'cus_' || n, (array['free', 'pro'])[1 + n % 2], 'bill' || n || '@example.org'
  from generate_series(50, 350, 5) as n;
insert into newsletter_subscribers (user_id, subscribed)
select case when n % 20 = 0 then 'guest-' || n else key_of(n % 250)::text end, n % 4 > 0 from generate_series(1, 400) as n;
