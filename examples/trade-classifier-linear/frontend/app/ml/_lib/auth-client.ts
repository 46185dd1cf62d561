import { GoTrueClient } from "@supabase/auth-js";

/** Supabase's sign-in without the rest of supabase-js, which these pages do not need. */
export function createAuthClient(url: string, key: string): GoTrueClient {
  return new GoTrueClient({
    url: `${url}/auth/v1`,
    headers: { apikey: key },
    storageKey: "ml-session",
  });
}
