import { cn } from "../../_lib/cn";

type Props = { source: string; label: string; className?: string };

export function Picture({ source, label, className }: Props) {
  return (
    // eslint-disable-next-line @next/next/no-img-element -- a data URL: there is nothing to optimise
    <img src={source} alt={label} className={cn("rounded-md border bg-muted", className)} />
  );
}
