"use client";

import type { GoTrueClient, Session } from "@supabase/auth-js";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { client } from "../_api/client.gen";
import { API } from "./paths";

export type AuthConfig = { supabaseUrl: string | null; publishableKey: string | null };

type SignIn = {
  auth: GoTrueClient;
  /** Null where nobody is signed in. */
  session: Session | null;
};

/** Nothing is known until the browser's storage has been read. */
const UNKNOWN = { auth: undefined, session: undefined };

const Context = createContext<SignIn | typeof UNKNOWN>(UNKNOWN);

/** Whoever is signed in; each call of the API carries their token. */
export function SessionProvider({ config, children }: { config: AuthConfig; children: ReactNode }) {
  const [signIn, setSignIn] = useState<SignIn | typeof UNKNOWN>(UNKNOWN);

  useEffect(() => {
    const left = new AbortController();
    loading ??= loadAuth(config);
    void loading.then((auth) => {
      if (left.signal.aborted) return;
      client.setConfig({ baseUrl: API, auth: currentToken });
      const { data } = auth.onAuthStateChange((_, session) => setSignIn({ auth, session }));
      left.signal.addEventListener("abort", () => data.subscription.unsubscribe());
    });
    return () => left.abort();
  }, [config]);

  return <Context value={signIn}>{children}</Context>;
}

export const useSignIn = () => useContext(Context);

/** Of whoever is signed in, refreshed where it is about to end. */
export async function currentToken(): Promise<string | undefined> {
  const auth = await loading;
  return (await auth?.getSession())?.data.session?.access_token;
}

let loading: Promise<GoTrueClient> | undefined; // one for the tab: two would refresh each other's token

/**
 * Apart from the page, which is drawn meanwhile. Where no Supabase is configured, the backend signs
 * users in, behind the same proxy.
 */
async function loadAuth({ supabaseUrl, publishableKey }: AuthConfig): Promise<GoTrueClient> {
  const { createAuthClient } = await import("./auth-client");
  return createAuthClient(
    supabaseUrl ?? `${window.location.origin}${API}`,
    publishableKey ?? "local",
  );
}
