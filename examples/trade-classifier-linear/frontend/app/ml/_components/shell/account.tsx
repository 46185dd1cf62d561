"use client";

import { LogOutIcon } from "lucide-react";
import { useSignIn } from "../../_lib/session";
import { Button } from "../ui/button";
import { ThemeToggle } from "./theme-toggle";

export function Account() {
  const { auth, session } = useSignIn();
  return (
    <div className="mt-auto flex items-center gap-1 border-t pt-3 pl-2">
      <p
        className="min-w-0 flex-1 truncate text-sm text-muted-foreground"
        title={session?.user.email}
      >
        {session?.user.email}
      </p>
      <ThemeToggle />
      <Button
        variant="ghost"
        size="icon"
        aria-label="Sign out"
        title="Sign out"
        onClick={() => auth?.signOut({ scope: "local" })}
      >
        <LogOutIcon />
      </Button>
    </div>
  );
}
