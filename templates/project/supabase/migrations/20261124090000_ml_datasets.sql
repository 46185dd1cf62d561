-- Data sets, and the versions that models learn from.

create table public.ml_datasets (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  unique (owner_id, name),
  unique (id, owner_id)
);
comment on table public.ml_datasets is 'Named collections of examples; each has versions.';

create table public.ml_dataset_versions (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid(),
  dataset_id uuid not null,
  number integer not null check (number > 0),
  source text not null check (source in ('upload', 'url', 'table', 'hub', 'corrections')),
  source_name text not null,
  suffix text not null default '' check (suffix in ('', '.csv', '.tsv', '.json', '.jsonl', '.parquet')),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bigint check (bytes >= 0),
  row_count integer check (row_count >= 0),
  columns jsonb not null default '{}',
  status text not null default 'unchecked' check (status in ('unchecked', 'valid', 'invalid')),
  recipe text,
  problems jsonb not null default '[]',
  problem_count integer not null default 0,
  notes jsonb not null default '[]',
  summary jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (dataset_id, number),
  unique (id, owner_id),
  foreign key (dataset_id, owner_id) references public.ml_datasets (id, owner_id) on delete cascade
);
comment on table public.ml_dataset_versions is 'What a data set held at one time; its file never changes.';
comment on column public.ml_dataset_versions.owner_id is 'That of the data set: the foreign key holds both.';
comment on column public.ml_dataset_versions.source_name is 'File name, URL, table or name on the Hugging Face hub.';
comment on column public.ml_dataset_versions.suffix is 'Of the stored file; blank where only a name is kept (hub).';
comment on column public.ml_dataset_versions.columns is 'Column of the file for each field of the task, as {"text": "statement"}.';
comment on column public.ml_dataset_versions.recipe is 'Model folder whose checks set status, problems, notes and summary.';

create index ml_datasets_newest on public.ml_datasets (owner_id, created_at desc, id desc);
create index ml_dataset_versions_owner on public.ml_dataset_versions (owner_id);

-- Older Supabase projects give every new table to everyone: take that back before granting.
revoke all on public.ml_datasets, public.ml_dataset_versions from public, anon, authenticated;
grant all on public.ml_datasets, public.ml_dataset_versions to service_role;

grant select, delete, insert (name), update (name) on public.ml_datasets to authenticated;
grant select, delete,
  insert (id, dataset_id, number, source, source_name, suffix, sha256, bytes, row_count, columns)
  on public.ml_dataset_versions to authenticated;

alter table public.ml_datasets enable row level security;
create policy "owners read" on public.ml_datasets
  for select to authenticated using ((select auth.uid()) = owner_id);
create policy "owners add" on public.ml_datasets
  for insert to authenticated with check ((select auth.uid()) = owner_id);
create policy "owners rename" on public.ml_datasets
  for update to authenticated
  using ((select auth.uid()) = owner_id) with check ((select auth.uid()) = owner_id);
create policy "owners remove" on public.ml_datasets
  for delete to authenticated using ((select auth.uid()) = owner_id);

alter table public.ml_dataset_versions enable row level security;
create policy "owners read" on public.ml_dataset_versions
  for select to authenticated using ((select auth.uid()) = owner_id);
create policy "owners add" on public.ml_dataset_versions
  for insert to authenticated with check ((select auth.uid()) = owner_id);
create policy "owners remove" on public.ml_dataset_versions
  for delete to authenticated using ((select auth.uid()) = owner_id);
