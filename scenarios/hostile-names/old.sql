create table "Select ""from"" $1" (
  "order" text primary key,
  "a.b c" text,
  "%I 100%" integer,
  "back\slash" text,
  "new" text,
  "quote'd" text
);
create table "überlange_tabelle_mit_sehr_vielen_buchstaben_die_nicht_enden" (
  "KEY" text primary key,
  "TG_OP" text,
  "$x$ $crossfade$" text
);
create table "überlange_tabelle_mit_sehr_vielen_buchstaben_die_nicht_enden2" ("KEY" text primary key, "old" text);
insert into "Select ""from"" $1"
select 'k''"' || n || E'\\', 'v ' || n, n, E'\\' || n, 'new ' || n, '''' from generate_series(1, 120) as n;
insert into "überlange_tabelle_mit_sehr_vielen_buchstaben_die_nicht_enden"
select 'k''"' || n || E'\\', 'op ' || n, '$x$ ' || n from generate_series(60, 160) as n;
insert into "überlange_tabelle_mit_sehr_vielen_buchstaben_die_nicht_enden2"
select 'k''"' || n || E'\\', 'old ' || n from generate_series(100, 200) as n;
