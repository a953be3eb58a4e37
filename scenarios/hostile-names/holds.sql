-- name: the three tables are the new one
with expected as (
  select coalesce(a."order", b."KEY", c."KEY") as key, a."a.b c", a."%I 100%", a."back\slash", a."new", a."quote'd",
         b."TG_OP", b."$x$ $crossfade$", c."old"
    from "Select ""from"" $1" a
    full join "überlange_tabelle_mit_sehr_vielen_buchstaben_die_nicht_enden" b on b."KEY" = a."order"
    full join "überlange_tabelle_mit_sehr_vielen_buchstaben_die_nicht_enden2" c on c."KEY" = coalesce(a."order", b."KEY")
), actual as (
  select "The ""Key""", "a.b c", "%I 100%", "back\slash", "NEW", "quote'd", "TG_OP", "$x$ $crossfade$", "OLD"
    from "New ""table"".with: $$everything$$ and % of 63 bytes, really!"
)
(select * from expected except all select * from actual) union all (select * from actual except all select * from expected);

-- name: a compat view has the hostile shape
-- when: reads
(select "order", "a.b c", "%I 100%", "back\slash", "new", "quote'd" from "Select ""from"" $1"
 except select "order", "a.b c", "%I 100%", "back\slash", "new", "quote'd" from crossfade_compat."Select ""from"" $1")
union all
(select "order", "a.b c", "%I 100%", "back\slash", "new", "quote'd" from crossfade_compat."Select ""from"" $1"
 except select "order", "a.b c", "%I 100%", "back\slash", "new", "quote'd" from "Select ""from"" $1");

-- name: nothing is in the journal
select * from crossfade.journal;
