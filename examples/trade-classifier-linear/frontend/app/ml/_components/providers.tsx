"use client";

import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { createQueryClient } from "../_lib/query-client";
import { type AuthConfig, SessionProvider } from "../_lib/session";
import { Toaster } from "./ui/toaster";

export function Providers({ config, children }: { config: AuthConfig; children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queryClient}>
      <SessionProvider config={config}>{children}</SessionProvider>
      <Toaster />
    </QueryClientProvider>
  );
}
