import type { ReactNode } from "react";
import { Shell } from "../_components/shell/shell";
import { SignedIn } from "../_components/signed-in";

export default function PagesLayout({ children }: { children: ReactNode }) {
  return (
    <SignedIn>
      <Shell>{children}</Shell>
    </SignedIn>
  );
}
