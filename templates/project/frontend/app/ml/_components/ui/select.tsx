import { ChevronDownIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "../../_lib/cn";
import { fieldClasses } from "./input";

/** The browser's own: at home on phones, with keyboards and with screen readers. */
export function Select({ className, ...props }: ComponentProps<"select">) {
  return (
    <div className={cn("relative", className)}>
      <select className={cn(fieldClasses, "h-9 cursor-pointer appearance-none pr-9")} {...props} />
      <ChevronDownIcon
        aria-hidden
        className="pointer-events-none absolute top-2.5 right-3 size-4 text-muted-foreground"
      />
    </div>
  );
}
