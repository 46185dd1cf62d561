-- An owner adds data, a model and a job, renames and removes; what the worker decides stays closed.
begin;
create extension if not exists pgtap with schema extensions;
select plan(13);

insert into auth.users (id, email)
  values ('00000000-0000-4000-8000-000000000001', 'owner@example.com');
set local role authenticated;
set local request.jwt.claims =
  '{"sub": "00000000-0000-4000-8000-000000000001", "role": "authenticated"}';

select lives_ok(
  $$ insert into ml_datasets (name) values ('trades') $$,
  'adds a data set');
select results_eq(
  'select owner_id from ml_datasets', array[auth.uid()],
  'owns what they add');
select lives_ok(
  $$ insert into ml_dataset_versions (dataset_id, number, source, source_name)
     select id, 1, 'upload', 'trades.csv' from ml_datasets $$,
  'adds a version');
select lives_ok(
  $$ insert into ml_models (name, recipe) values ('trades', 'trade_classifier') $$,
  'adds a model');
select lives_ok(
  $$ insert into ml_jobs (kind, recipe, provider, model_id, cost_limit_usd)
     select 'train', recipe, 'local', id, 1 from ml_models $$,
  'starts a training');
select results_eq(
  'select status from ml_jobs', array['queued'],
  'finds it queued');
select lives_ok(
  $$ update ml_datasets set name = 'professions' $$,
  'renames a data set');

select throws_ok(
  $$ insert into ml_datasets (name, owner_id) values ('gift', gen_random_uuid()) $$, '42501',
  null, 'gives nothing to others');
select throws_ok(
  $$ update ml_jobs set status = 'succeeded' $$, '42501',
  null, 'does not decide how a job ends');
select throws_ok(
  $$ insert into ml_jobs (kind, recipe, provider, max_attempts)
     values ('train', 'trade_classifier', 'local', 1000000) $$, '42501',
  null, 'does not decide how often a job is tried');
select throws_ok(
  $$ delete from ml_jobs $$, '42501',
  null, 'does not remove what was paid for');
select throws_ok(
  $$ insert into ml_recipes (name, provider, description) values ('mine', 'local', '{}') $$,
  '42501', null, 'adds no recipes');
select lives_ok(
  $$ delete from ml_datasets $$,
  'removes a data set');

select * from finish();
rollback;
