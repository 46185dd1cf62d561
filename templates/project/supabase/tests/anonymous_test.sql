-- Whoever has not signed in is refused everywhere; so is a token without a user.
begin;
create extension if not exists pgtap with schema extensions;
select no_plan();

create temporary table ours as
  select tablename from pg_tables where schemaname = 'public' and tablename ^@ 'ml_';
grant select on ours to anon, authenticated;

set local role anon;
select throws_ok(format('select * from %I', tablename), '42501', null, 'no reading ' || tablename)
  from ours;
select throws_ok(format('delete from %I', tablename), '42501', null, 'no removing ' || tablename)
  from ours;

set local role authenticated;
select is_empty(
  format('select * from %I', tablename), 'no rows of ' || tablename || ' without a user')
  from ours where tablename <> 'ml_recipes';

select * from finish();
rollback;
