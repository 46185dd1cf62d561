-- What a prediction asks of the database, as one call before the model answers and one after it: the
-- user waits for each round trip. Both act as the user whose claims they are given, until the
-- transaction ends, so that row level security shows and takes what it would anyway.

-- One plan for all: to make one takes ten times as long as to run it. It is for many rows: one made
-- while they are few would read all of them, also when they have become many.
create function public.ml_find_predictions(claims text, model text, hashes text[], keys text[])
  returns table (
    model_id uuid, version_id uuid, number integer, endpoint_url text, version text, id uuid,
    of_model uuid, of_number integer, input_sha256 text, output jsonb, source text,
    fallback_model text, cost_usd numeric, idempotency_key text
  )
  language plpgsql
  set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
#variable_conflict use_column
begin
  perform set_config('role', 'authenticated', true), set_config('request.jwt.claims', claims, true);
  return query
    select m.id, v.id, v.number, v.endpoint_url, v.manifest ->> 'version', p.*
    from public.ml_models m
    left join public.ml_model_versions v on v.model_id = m.id and v.stage = 'production'
    left join lateral (
      (
        select distinct on (input_sha256) id, model_id, v.number,
          input_sha256, output, source, fallback_model, cost_usd, null
        from public.ml_predictions
        where model_version_id = v.id and input_sha256 = any(hashes)
        order by input_sha256, created_at
      )
      union all
      select k.id, k.model_id, kv.number,
        k.input_sha256, k.output, k.source, k.fallback_model, k.cost_usd, k.idempotency_key
      from public.ml_predictions k
      left join public.ml_model_versions kv on kv.id = k.model_version_id
      where k.idempotency_key = any(keys)
    ) p on true
    where m.name = model;
end
$$;
comment on function public.ml_find_predictions is 'The model with this name and its production version, beside each answer that is known already.';

create function public.ml_keep_predictions(
    claims text, model_id uuid, version_id uuid, predictions jsonb, durable boolean)
  returns void
  language plpgsql set search_path = '' as $$
begin
  perform set_config('role', 'authenticated', true), set_config('request.jwt.claims', claims, true);
  if not durable then
    perform set_config('synchronous_commit', 'off', true);
  end if;
  insert into public.ml_predictions
    (model_id, model_version_id, id, input, input_sha256, output, source, fallback_model, cost_usd,
     idempotency_key)
  select model_id, version_id, new.*
  from jsonb_to_recordset(predictions) as new (
    id uuid, input jsonb, input_sha256 text, output jsonb, source text, fallback_model text,
    cost_usd numeric, idempotency_key text
  );
end
$$;
comment on function public.ml_keep_predictions is 'Adds answers to those that are known; one that is not durable may be lost with the machine.';

-- They believe the claims that they are given: whoever may call them may be anyone.
revoke all on function
  public.ml_find_predictions(text, text, text[], text[]),
  public.ml_keep_predictions(text, uuid, uuid, jsonb, boolean)
  from public, anon, authenticated, service_role;

-- On Supabase the backend signs in as their owner; the embedded server has a login for it.
do $$
begin
  if exists (select from pg_roles where rolname = 'backend') then
    grant execute on function
      public.ml_find_predictions(text, text, text[], text[]),
      public.ml_keep_predictions(text, uuid, uuid, jsonb, boolean)
      to backend;
  end if;
end
$$;
