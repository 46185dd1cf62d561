"use client";

import { MoonIcon, SunIcon } from "lucide-react";
import { useTheme } from "next-themes";
import { Button } from "../ui/button";

/** Absent where the app around these pages has no next-themes: its look is its own then. */
export function ThemeToggle() {
  const { themes, resolvedTheme, setTheme } = useTheme();
  if (!themes.length) return null;
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label="Light or dark"
      title="Light or dark"
      onClick={() => setTheme(resolvedTheme === "dark" ? "light" : "dark")}
    >
      <SunIcon className="dark:hidden" />
      <MoonIcon className="hidden dark:block" />
    </Button>
  );
}
