-- Models and their versions, and what the worker found that can be trained.
-- What pages show in the order of the training is json: jsonb sorts its keys.

create table public.ml_recipes (
  name text primary key,
  provider text not null,
  description json not null,
  updated_at timestamptz not null default now()
);
comment on table public.ml_recipes is 'Model folders that the worker can train; it writes them at its start.';
comment on column public.ml_recipes.description is 'Task, algorithm, columns, and the JSON schemas of settings, input and output.';

create table public.ml_models (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  name text not null check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  recipe text not null,
  created_at timestamptz not null default now(),
  unique (owner_id, name),
  unique (id, owner_id)
);
comment on table public.ml_models is 'Named models; each training adds a version.';

create table public.ml_model_versions (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null,
  model_id uuid not null,
  number integer not null check (number > 0),
  job_id uuid not null unique,
  dataset_version_id uuid,
  stage text not null default 'candidate' check (stage in ('candidate', 'production', 'archived')),
  manifest json not null,
  metrics json not null default '{}',
  bytes bigint not null check (bytes >= 0),
  deployment text,
  endpoint_url text,
  promoted_at timestamptz,
  created_at timestamptz not null default now(),
  unique (model_id, number),
  unique (id, owner_id),
  foreign key (model_id, owner_id) references public.ml_models (id, owner_id) on delete cascade
);
comment on table public.ml_model_versions is 'Finished trainings: an artifact in the storage, and where it is served.';
comment on column public.ml_model_versions.owner_id is 'That of the model: the foreign key holds both.';
comment on column public.ml_model_versions.job_id is 'The training; it may be gone.';
comment on column public.ml_model_versions.deployment is 'Name of the model server at its provider.';
comment on column public.ml_model_versions.promoted_at is 'When it last came into production; a rollback goes to the one before.';

create unique index ml_model_versions_production on public.ml_model_versions (model_id)
  where stage = 'production';

create index ml_models_newest on public.ml_models (owner_id, created_at desc, id desc);
create index ml_model_versions_owner on public.ml_model_versions (owner_id);
create index ml_model_versions_served on public.ml_model_versions (deployment)
  where stage = 'production' or deployment is not null;

revoke all on public.ml_recipes, public.ml_models, public.ml_model_versions
  from public, anon, authenticated;
grant all on public.ml_recipes, public.ml_models, public.ml_model_versions to service_role;

grant select on public.ml_recipes, public.ml_model_versions to authenticated;
grant select, delete, insert (name, recipe) on public.ml_models to authenticated;

alter table public.ml_recipes enable row level security;
create policy "users read" on public.ml_recipes for select to authenticated using (true);

alter table public.ml_models enable row level security;
create policy "owners read" on public.ml_models
  for select to authenticated using ((select auth.uid()) = owner_id);
create policy "owners add" on public.ml_models
  for insert to authenticated with check ((select auth.uid()) = owner_id);
create policy "owners remove" on public.ml_models
  for delete to authenticated using ((select auth.uid()) = owner_id);

alter table public.ml_model_versions enable row level security;
create policy "owners read" on public.ml_model_versions
  for select to authenticated using ((select auth.uid()) = owner_id);
