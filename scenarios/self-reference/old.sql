create table old_categories (id integer primary key, above integer, title text not null);
insert into old_categories select n, case when n > 10 then n / 3 end, 'Category ' || n from generate_series(1, 150) as n where n not in (7, 13);
