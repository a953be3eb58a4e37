-- name: notes and details are papers
with expected as (
  select coalesce(n.id, d.note_id) as id, coalesce(n.owner_name, d.owner_name) as owner_name, n.body, d.summary,
         coalesce(n.is_public, d.is_public) as is_public, n.secret
    from notes n full join note_details d on d.note_id = n.id
)
(select * from expected except all select id, owner_name, body, summary, is_public, secret from papers)
union all
(select id, owner_name, body, summary, is_public, secret from papers except all select * from expected);

-- name: letters are mail
(select id, owner_name, words, weight from letters except all select id, owner_name, words, weight from mail)
union all
(select id, owner_name, words, weight from mail except all select id, owner_name, words, weight from letters);

-- name: anon sees no paper that is not public
-- when: build sync reads move finish
-- as: scenario_anon
-- or: 42501 42P01
select id from papers where not is_public;

-- name: anon does not see the column that it could not see
-- when: build sync reads move
-- as: scenario_anon
-- or: 42501 42P01
select secret from papers;

-- name: anon does not see the owner either
-- when: build sync reads move
-- as: scenario_anon
-- or: 42501 42P01
select owner_name from papers;

-- name: anon does not see the secrets in the compat view
-- when: build sync reads move
-- as: scenario_anon
-- or: 42501 42P01
select secret from crossfade_compat.notes;

-- Rights to some columns are not enough for a view: PostgreSQL asks for all that it reads. Then the pool reads old.
-- name: anon sees in the compat view what it sees in the old table, or is refused
-- when: sync reads move
-- as: scenario_anon
-- or: 42501
(select id, body from crossfade_compat.notes except select id, body from public.notes)
union all
(select id, body from public.notes except select id, body from crossfade_compat.notes);

-- name: a member sees in the compat views its own rows, and no others
-- when: reads
-- as: scenario_member
-- set: app.user=alice
(select id, owner_name, body, secret from crossfade_compat.notes except select id, owner_name, body, secret from public.notes)
union all
(select id, owner_name, body, secret from public.notes except select id, owner_name, body, secret from crossfade_compat.notes)
union all
(select null, owner_name, words, weight::text from crossfade_compat.letters where owner_name <> 'alice');

-- name: anon learns no key of a hidden row from lineage
-- when: build sync reads move
-- as: scenario_anon
-- or: 42501 42P01
select l.id from crossfade.lineage_papers l
 where l.id not in (select id from public.notes union select note_id from public.note_details);

-- name: anon sees no letter, not even that there is one
-- when: build sync reads move finish
-- as: scenario_anon
-- or: 42501 42P01
select id from mail;

-- name: nor in lineage
-- when: build sync reads move
-- as: scenario_anon
-- or: 42501 42P01
select id from crossfade.lineage_mail;

-- name: nor in the compat view
-- when: build sync reads move
-- as: scenario_anon
-- or: 42501 42P01
select id from crossfade_compat.letters;

-- name: a member who is nobody sees no mail
-- when: build sync reads move finish
-- as: scenario_member
-- or: 42501 42P01
select id from mail;

-- name: a member who is nobody sees no paper
-- when: build sync reads move finish
-- as: scenario_member
-- or: 42501 42P01
select id from papers;

-- name: a member who is nobody sees nothing in lineage
-- when: build sync reads move
-- as: scenario_member
-- or: 42501 42P01
select id::text from crossfade.lineage_papers union all select id::text from crossfade.lineage_mail;

-- name: nobody of the application looks into the control schema
-- when: build sync reads move finish
-- as: scenario_member
-- or: 42501 42P01
select last_value from crossfade.seal;

-- name: nor into the journal
-- when: build sync reads move finish
-- as: scenario_member
-- or: 42501 42P01
select key from crossfade.journal;

-- name: the policies of the old table came along
-- when: sync reads move finish
select 'mail has no policy of its old table'
 where not exists (select from pg_policies where tablename = 'mail' and policyname = 'letters_own' and roles = '{scenario_member}');

-- name: nobody may write to the closed tables
-- when: build sync reads
select grantee, privilege_type from information_schema.role_table_grants
 where table_name in ('papers', 'mail') and grantee in ('scenario_member', 'scenario_anon') and privilege_type <> 'SELECT';
