-- Work that outlives the process that does it: a leased table, and the events of each job.

create table public.ml_jobs (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  kind text not null check (kind in ('check', 'train', 'deploy', 'batch')),
  recipe text not null,
  provider text not null,
  model_id uuid,
  dataset_version_id uuid,
  model_version_id uuid,
  settings jsonb not null default '{}',
  cost_limit_usd numeric(10, 4) check (cost_limit_usd > 0),
  status text not null default 'queued'
    check (status in ('queued', 'running', 'succeeded', 'stopped', 'failed', 'cancelled')),
  cancel_requested_at timestamptz,
  run_after timestamptz not null default now(),
  attempts integer not null default 0,
  max_attempts integer not null default 3,
  worker text,
  lease_until timestamptz,
  handle text,
  cost_usd numeric(12, 6) not null default 0,
  progress jsonb not null default '{}',
  result jsonb not null default '{}',
  error text,
  last_event bigint not null default 0,
  idempotency_key text,
  request_sha256 text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  unique (owner_id, idempotency_key),
  unique (id, owner_id),
  foreign key (model_id, owner_id) references public.ml_models (id, owner_id) on delete cascade,
  foreign key (dataset_version_id, owner_id)
    references public.ml_dataset_versions (id, owner_id) on delete cascade,
  foreign key (model_version_id, owner_id)
    references public.ml_model_versions (id, owner_id) on delete cascade
);
comment on table public.ml_jobs is 'Trainings, deployments, checks and batches, with who works on them and what they cost.';
comment on column public.ml_jobs.handle is 'Name of the run at its provider; set before anything is started there.';
comment on column public.ml_jobs.lease_until is 'Another worker takes the job over when this has passed.';
comment on column public.ml_jobs.run_after is 'Not claimed before; a retry waits for a while.';
comment on column public.ml_jobs.request_sha256 is 'Of the request that used the idempotency key, which may not be used for another.';
comment on column public.ml_jobs.last_event is 'Number of the newest event; the row lock puts events in order.';

create table public.ml_job_events (
  job_id uuid not null,
  number bigint not null check (number > 0),
  owner_id uuid not null,
  kind text not null,
  data jsonb not null default '{}',
  line integer,
  created_at timestamptz not null default now(),
  primary key (job_id, number),
  unique (job_id, line),
  foreign key (job_id, owner_id) references public.ml_jobs (id, owner_id) on delete cascade
);
comment on table public.ml_job_events is 'What happened in a job, numbered from 1 without gaps.';
comment on column public.ml_job_events.owner_id is 'That of the job: the foreign key holds both.';
comment on column public.ml_job_events.line is 'Line of the run''s own events that it came from, so that none is taken twice.';

-- The claim walks this one in order; a running job is in it because its lease may lapse.
create index ml_jobs_due on public.ml_jobs (run_after) where status in ('queued', 'running');
create index ml_jobs_newest on public.ml_jobs (owner_id, created_at desc, id desc);
create index ml_jobs_model on public.ml_jobs (model_id, owner_id);
create index ml_jobs_dataset_version on public.ml_jobs (dataset_version_id, owner_id);
create index ml_jobs_model_version on public.ml_jobs (model_version_id, owner_id);

revoke all on public.ml_jobs, public.ml_job_events from public, anon, authenticated;
grant all on public.ml_jobs, public.ml_job_events to service_role;

grant select,
  insert (id, kind, recipe, provider, model_id, dataset_version_id, model_version_id, settings,
    cost_limit_usd, idempotency_key, request_sha256)
  on public.ml_jobs to authenticated;
grant select on public.ml_job_events to authenticated;

alter table public.ml_jobs enable row level security;
create policy "owners read" on public.ml_jobs
  for select to authenticated using ((select auth.uid()) = owner_id);
create policy "owners add" on public.ml_jobs
  for insert to authenticated with check ((select auth.uid()) = owner_id);

alter table public.ml_job_events enable row level security;
create policy "owners read" on public.ml_job_events
  for select to authenticated using ((select auth.uid()) = owner_id);

-- Workers wait for queued jobs, and watchers for the events of one.
create function public.ml_tell_workers() returns trigger
  language plpgsql set search_path = '' as $$
begin
  perform pg_catalog.pg_notify('ml_jobs', '');
  return null;
end
$$;
comment on function public.ml_tell_workers is 'Wakes the workers: a job is queued.';

create function public.ml_tell_watchers() returns trigger
  language plpgsql set search_path = '' as $$
begin
  perform pg_catalog.pg_notify('ml_job_events', new.job_id::text);
  return null;
end
$$;
comment on function public.ml_tell_watchers is 'Wakes the watchers of a job: it has a new event.';

-- What runs has a machine somewhere, which only the row knows of.
create function public.ml_keep_running_job() returns trigger
  language plpgsql set search_path = '' as $$
begin
  raise exception 'Job % is running: cancel it first.', old.id using errcode = 'object_in_use';
end
$$;
comment on function public.ml_keep_running_job is 'Refuses to remove a running job, whatever is removed above it.';

revoke all on function
  public.ml_tell_workers(), public.ml_tell_watchers(), public.ml_keep_running_job()
  from public, anon, authenticated;

create trigger ml_jobs_queued after insert or update of status on public.ml_jobs
  for each row when (new.status = 'queued') execute function public.ml_tell_workers();
create trigger ml_job_events_added after insert on public.ml_job_events
  for each row execute function public.ml_tell_watchers();
create trigger ml_jobs_kept before delete on public.ml_jobs
  for each row when (old.status = 'running') execute function public.ml_keep_running_job();
