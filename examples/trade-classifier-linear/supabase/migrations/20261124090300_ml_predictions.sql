-- Answers that models gave, and what people made of them.

create table public.ml_predictions (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  model_id uuid not null,
  model_version_id uuid,
  input jsonb not null,
  input_sha256 text not null check (input_sha256 ~ '^[0-9a-f]{64}$'),
  output jsonb not null,
  source text not null check (source in ('model', 'fallback')),
  fallback_model text,
  cost_usd numeric(12, 6) not null default 0,
  idempotency_key text,
  created_at timestamptz not null default now(),
  unique (owner_id, idempotency_key),
  unique (id, owner_id),
  check ((source = 'model') = (model_version_id is not null)),
  foreign key (model_id, owner_id) references public.ml_models (id, owner_id) on delete cascade,
  foreign key (model_version_id, owner_id)
    references public.ml_model_versions (id, owner_id) on delete cascade
);
comment on table public.ml_predictions is 'Inputs and answers; the same input to the same version is answered from here.';
comment on column public.ml_predictions.source is 'model: a version of ours; fallback: a model at OpenRouter, on request.';

create table public.ml_corrections (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  prediction_id uuid not null unique,
  output jsonb not null,
  note text not null default '' check (char_length(note) <= 2000),
  dataset_version_id uuid,
  created_at timestamptz not null default now(),
  foreign key (prediction_id, owner_id)
    references public.ml_predictions (id, owner_id) on delete cascade,
  foreign key (dataset_version_id, owner_id)
    references public.ml_dataset_versions (id, owner_id)
    on delete set null (dataset_version_id)
);
comment on table public.ml_corrections is 'What a prediction should have been; they become rows of a data set version.';
comment on column public.ml_corrections.dataset_version_id is 'The version that took it in; null until then.';

create index ml_predictions_newest on public.ml_predictions (owner_id, created_at desc, id desc);
create index ml_predictions_model on public.ml_predictions (model_id, owner_id);
create index ml_predictions_cached
  on public.ml_predictions (model_version_id, owner_id, input_sha256);
create index ml_corrections_newest on public.ml_corrections (owner_id, created_at desc, id desc);
create index ml_corrections_dataset_version
  on public.ml_corrections (dataset_version_id, owner_id);

revoke all on public.ml_predictions, public.ml_corrections from public, anon, authenticated;
grant all on public.ml_predictions, public.ml_corrections to service_role;

grant select, delete,
  insert (id, model_id, model_version_id, input, input_sha256, output, source, fallback_model,
    cost_usd, idempotency_key)
  on public.ml_predictions to authenticated;
grant select, delete, insert (id, prediction_id, output, note), update (output, note)
  on public.ml_corrections to authenticated;

alter table public.ml_predictions enable row level security;
create policy "owners read" on public.ml_predictions
  for select to authenticated using ((select auth.uid()) = owner_id);
create policy "owners add" on public.ml_predictions
  for insert to authenticated with check ((select auth.uid()) = owner_id);
create policy "owners remove" on public.ml_predictions
  for delete to authenticated using ((select auth.uid()) = owner_id);

alter table public.ml_corrections enable row level security;
create policy "owners read" on public.ml_corrections
  for select to authenticated using ((select auth.uid()) = owner_id);
create policy "owners add" on public.ml_corrections
  for insert to authenticated with check ((select auth.uid()) = owner_id);
create policy "owners change" on public.ml_corrections
  for update to authenticated
  using ((select auth.uid()) = owner_id) with check ((select auth.uid()) = owner_id);
create policy "owners remove" on public.ml_corrections
  for delete to authenticated using ((select auth.uid()) = owner_id);
