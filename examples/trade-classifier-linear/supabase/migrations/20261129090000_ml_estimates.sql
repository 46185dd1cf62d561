-- What a training will need, take and cost is worked out by a worker, which has the data and the model folder.

alter table public.ml_jobs
  drop constraint ml_jobs_kind_check,
  add constraint ml_jobs_kind_check
    check (kind in ('check', 'estimate', 'train', 'deploy', 'batch'));
comment on table public.ml_jobs is
  'Trainings and their estimates, deployments, checks and batches, with who works on them and what they cost.';
