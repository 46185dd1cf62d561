"use client";

import { useQueryClient } from "@tanstack/react-query";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useEffect } from "react";
import { paths } from "../_lib/paths";
import { useSignIn } from "../_lib/session";
import { Spinner } from "./ui/spinner";

/** Shows its children to whoever is signed in; what they may see is the backend's to decide. */
export function SignedIn({ children }: { children: ReactNode }) {
  const { session } = useSignIn();
  const queryClient = useQueryClient();
  const router = useRouter();
  const pathname = usePathname();

  useEffect(() => {
    if (session === null) router.replace(`${paths.signIn}?next=${encodeURIComponent(pathname)}`);
  }, [session, router, pathname]);

  const user = session?.user.id;
  useEffect(() => () => queryClient.clear(), [user, queryClient]); // nobody sees another's answers

  if (session) return children;
  return (
    <div className="grid min-h-dvh place-items-center">
      <Spinner className="size-6" label="Signing in" />
    </div>
  );
}
