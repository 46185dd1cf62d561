"use client";

import { QueryClientProvider } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import { createQueryClient } from "../_lib/query-client";
import { type AuthConfig, SessionProvider } from "../_lib/session";

const Toaster = dynamic(() => import("./ui/toaster").then((ui) => ui.Toaster), { ssr: false });

export function Providers({ config, children }: { config: AuthConfig; children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queryClient}>
      <SessionProvider config={config}>{children}</SessionProvider>
      <Toaster />
    </QueryClientProvider>
  );
}
