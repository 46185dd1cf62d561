import Link from "next/link";
import { paths } from "../../_lib/paths";

export function Brand() {
  return (
    <Link
      href={paths.overview}
      className="flex w-fit items-center gap-2.5 rounded-md px-2 py-1 font-semibold tracking-tight outline-none focus-visible:ring-[3px] focus-visible:ring-ring/50"
    >
      <svg aria-hidden viewBox="0 0 24 24" className="size-6 text-primary">
        <rect width="24" height="24" rx="6" fill="currentColor" />
        <path
          d="M6 16.5 9.5 10l3 4 2-3.5 3.5 6"
          fill="none"
          stroke="var(--primary-foreground)"
          strokeWidth="2"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      Models
    </Link>
  );
}
