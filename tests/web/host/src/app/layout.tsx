import type { ReactNode } from "react";
import "./globals.css";

export const metadata = { title: "The shop" };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body className="font-sans">{children}</body>
    </html>
  );
}
