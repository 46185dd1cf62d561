import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

type Props = { icon: LucideIcon; title: string; children?: ReactNode; action?: ReactNode };

/** What a list shows while there is nothing in it: what would be there, and how it comes there. */
export function Empty({ icon: Icon, title, children, action }: Props) {
  return (
    <div className="grid justify-items-center gap-1 px-6 py-12 text-center">
      <div className="mb-2 grid size-11 place-items-center rounded-full bg-accent">
        <Icon aria-hidden className="size-5 text-primary" />
      </div>
      <p className="font-medium">{title}</p>
      {children && <p className="max-w-md text-sm text-pretty text-muted-foreground">{children}</p>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  );
}
