"use client";

import type { GoTrueClient, Session } from "@supabase/auth-js";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { client } from "../_api/client.gen";
import { createAuthClient } from "./auth-client";
import { API } from "./paths";

export type AuthConfig = { supabaseUrl: string | null; publishableKey: string | null };

type SignIn = {
  auth: GoTrueClient;
  /** Undefined until the browser's storage has been read; null where nobody is signed in. */
  session: Session | null | undefined;
};

const Context = createContext<SignIn | null>(null);

/** Whoever is signed in; each call of the API carries their token. */
export function SessionProvider({ config, children }: { config: AuthConfig; children: ReactNode }) {
  const auth = useMemo(() => authClientOf(config), [config]);
  const [session, setSession] = useState<Session | null | undefined>();

  useEffect(() => {
    client.setConfig({ baseUrl: API, auth: async () => tokenOf(auth) });
    const { data } = auth.onAuthStateChange((_, session) => setSession(session));
    return () => data.subscription.unsubscribe();
  }, [auth]);

  const signIn = useMemo(() => ({ auth, session }), [auth, session]);
  return <Context value={signIn}>{children}</Context>;
}

export function useSignIn(): SignIn {
  const signIn = useContext(Context);
  if (!signIn) throw new Error("useSignIn is called outside of the SessionProvider.");
  return signIn;
}

let ofThisTab: GoTrueClient | undefined; // React may begin a page several times before it is shown

/** Where no Supabase is configured, the backend signs users in, behind the same proxy. */
function authClientOf({ supabaseUrl, publishableKey }: AuthConfig): GoTrueClient {
  const key = publishableKey ?? "local";
  if (typeof window === "undefined") return createAuthClient("http://localhost", key);
  ofThisTab ??= createAuthClient(supabaseUrl ?? `${window.location.origin}${API}`, key);
  return ofThisTab;
}

async function tokenOf(auth: GoTrueClient): Promise<string | undefined> {
  const { data } = await auth.getSession();
  return data.session?.access_token;
}
