import Link from "next/link";

type Props = { title: string; more?: { href: string; title: string } };

export function SectionHeading({ title, more }: Props) {
  return (
    <div className="mb-3 flex items-baseline justify-between gap-4">
      <h2 className="font-semibold">{title}</h2>
      {more && (
        <Link
          href={more.href}
          className="rounded-sm text-sm text-muted-foreground outline-none hover:text-foreground focus-visible:ring-[3px] focus-visible:ring-ring/50"
        >
          {more.title}
        </Link>
      )}
    </div>
  );
}
