import type { ReactNode } from "react";
import { Account } from "./account";
import { Brand } from "./brand";
import { Menu } from "./menu";
import { MobileMenu } from "./mobile-menu";

/** The menu at the left, above on phones; the page beside it. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <div className="lg:grid lg:min-h-dvh lg:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-primary px-3 py-2 text-primary-foreground focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col gap-6 overflow-y-auto border-r bg-sidebar p-3 text-sidebar-foreground lg:flex">
        <Brand />
        <Menu />
        <Account />
      </aside>
      <header className="sticky top-0 z-30 flex h-14 items-center justify-between border-b bg-background/90 px-4 backdrop-blur lg:hidden">
        <Brand />
        <MobileMenu />
      </header>
      <main
        id="content"
        className="mx-auto w-full max-w-6xl min-w-0 px-4 py-6 sm:px-6 lg:px-10 lg:py-9"
      >
        {children}
      </main>
    </div>
  );
}
