-- Another user finds nothing of an owner's, changes nothing, and hangs nothing on it.
begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-000000000001', 'owner@example.com'),
  ('00000000-0000-4000-8000-000000000002', 'other@example.com');
insert into ml_datasets (id, owner_id, name) values
  ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000001', 'trades');
insert into ml_models (id, owner_id, name, recipe) values
  ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-000000000001', 'trades', 'x');
set local role authenticated;
set local request.jwt.claims =
  '{"sub": "00000000-0000-4000-8000-000000000002", "role": "authenticated"}';

select is_empty('select * from ml_datasets', 'sees no data sets');
select is_empty('select * from ml_models', 'sees no models');
select is_empty(
  $$ update ml_datasets set name = 'mine' returning id $$,
  'renames nothing');
select is_empty(
  'delete from ml_datasets returning id',
  'removes nothing');
select throws_ok(
  $$ insert into ml_dataset_versions (dataset_id, number, source, source_name)
     values ('00000000-0000-4000-8000-00000000000a', 1, 'upload', 'a.csv') $$,
  '23503', null, 'adds no version to a data set of the owner');
select throws_ok(
  $$ insert into ml_jobs (kind, recipe, provider, model_id)
     values ('train', 'x', 'local', '00000000-0000-4000-8000-00000000000b') $$,
  '23503', null, 'starts no training of a model of the owner');
select lives_ok(
  $$ insert into ml_datasets (name) values ('trades') $$,
  'may use the same name');

reset role;
select results_eq(
  $$ select name from ml_datasets
     where owner_id = '00000000-0000-4000-8000-000000000001' $$, array['trades'],
  'and the owner has everything as before');

select * from finish();
rollback;
