"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "../../_lib/cn";
import { isAt, type Place, sections } from "../../_lib/navigation";

export function Menu({ onChoose }: { onChoose?: () => void }) {
  return (
    <nav aria-label="Main" className="grid gap-5">
      {sections.map((section) => (
        <div key={section.title}>
          {section.title && (
            <p className="mb-1 px-2 text-xs font-medium text-muted-foreground">{section.title}</p>
          )}
          <ul className="grid gap-0.5">
            {section.places.map((place) => (
              <li key={place.href}>
                <MenuLink place={place} onChoose={onChoose} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function MenuLink({ place, onChoose }: { place: Place; onChoose?: () => void }) {
  const isHere = isAt(place, usePathname());
  const Icon = place.icon;
  return (
    <Link
      href={place.href}
      onClick={onChoose}
      aria-current={isHere ? "page" : undefined}
      className={cn(
        "flex h-9 items-center gap-2.5 rounded-md px-2 text-sm transition-colors outline-none hover:bg-accent hover:text-accent-foreground focus-visible:ring-[3px] focus-visible:ring-ring/50",
        isHere && "bg-accent font-medium text-accent-foreground",
      )}
    >
      <Icon
        aria-hidden
        className={cn("size-4", isHere ? "text-primary" : "text-muted-foreground")}
      />
      {place.title}
    </Link>
  );
}
