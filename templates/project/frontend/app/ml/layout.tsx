import type { Metadata } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { Providers } from "./_components/providers";
import { readEnv } from "./_lib/env";

export const metadata: Metadata = { title: { default: "Models", template: "%s · Models" } };

export default async function MlLayout({ children }: { children: ReactNode }) {
  await connection(); // the environment is the running server's, not the build's
  const env = readEnv();
  const config = {
    supabaseUrl: env.SUPABASE_URL ?? null,
    publishableKey: env.SUPABASE_PUBLISHABLE_KEY ?? null,
  };
  return (
    <div data-ml className="min-h-dvh bg-background text-foreground">
      <Providers config={config}>{children}</Providers>
    </div>
  );
}
