import { LoaderCircleIcon } from "lucide-react";
import { cn } from "../../_lib/cn";

export function Spinner({ className, label = "Loading" }: { className?: string; label?: string }) {
  return (
    <LoaderCircleIcon
      role="status"
      aria-label={label}
      className={cn("size-4 animate-spin text-muted-foreground", className)}
    />
  );
}
