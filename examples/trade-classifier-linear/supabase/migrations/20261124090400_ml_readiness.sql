-- The backend is ready when all migrations are applied, so it has to see which ones are.

grant usage on schema supabase_migrations to service_role;
grant select on supabase_migrations.schema_migrations to service_role;
