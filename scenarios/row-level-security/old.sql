do $$
declare
  missing text;
begin
  foreach missing in array array['scenario_member', 'scenario_anon'] loop
    begin
      execute format('create role %I', missing);
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
end $$;
create table notes (
  id uuid primary key,
  owner_name text not null,
  body text,
  is_public boolean not null default false,
  secret text
);
create table note_details (note_id uuid primary key, owner_name text not null, summary text, is_public boolean not null default false);
create table letters (
  id integer primary key,
  owner_name text not null,
  words text,
  weight numeric
);
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;
insert into notes select key_of(n), case when n % 2 = 0 then 'alice' else 'bob' end, 'body ' || n, n % 5 = 0, 'secret ' || n
  from generate_series(1, 120) as n;
insert into note_details select key_of(n), case when n % 2 = 0 then 'alice' else 'bob' end, 'summary ' || n, n % 5 = 0
  from generate_series(60, 160) as n;
insert into letters select n, case when n % 2 = 0 then 'alice' else 'bob' end, 'Dear ' || n, n / 10.0 from generate_series(1, 80) as n;

alter table notes enable row level security;
alter table notes force row level security;
alter table note_details enable row level security;
alter table letters enable row level security;
create policy notes_own on notes to scenario_member
  using (owner_name = current_setting('app.user', true)) with check (owner_name = current_setting('app.user', true));
create policy notes_public on notes for select to scenario_anon using (is_public);
create policy details_own on note_details to scenario_member
  using (owner_name = current_setting('app.user', true)) with check (owner_name = current_setting('app.user', true));
create policy details_public on note_details for select to scenario_anon using (is_public);
create policy letters_own on letters to scenario_member
  using (owner_name = current_setting('app.user', true)) with check (owner_name = current_setting('app.user', true));
grant select, insert, update, delete on notes, note_details, letters to scenario_member;
grant select (id, body, is_public) on notes to scenario_anon;
grant select on note_details to scenario_anon;
