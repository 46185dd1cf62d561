"use client";

import { XIcon } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import { type ReactNode, useState } from "react";
import { cn } from "../../_lib/cn";
import { buttonVariants } from "./button";

export type DialogPanelProps = {
  title: string;
  description?: ReactNode;
  side?: keyof typeof sides;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
};

const sides = {
  center:
    "top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[calc(100%-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-xl border p-6",
  left: "inset-y-0 left-0 w-72 max-w-[85vw] overflow-y-auto border-r p-4",
};

/** An open dialog; the focus goes back to where it was. */
export default function DialogPanel(props: DialogPanelProps) {
  const { title, description, side = "center", onOpenChange, children } = props;
  const [opener] = useState(() => document.activeElement);

  function giveFocusBack(event: Event) {
    event.preventDefault(); // there is no trigger in here that it would go to
    if (opener instanceof HTMLElement) opener.focus();
  }

  return (
    <Primitive.Root open onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay data-ml className="fixed inset-0 z-50 bg-black/50" />
        <Primitive.Content
          data-ml
          onCloseAutoFocus={giveFocusBack}
          aria-describedby={description ? undefined : ""}
          className={cn("fixed z-50 bg-popover text-popover-foreground shadow-lg", sides[side])}
        >
          <Primitive.Title className="pr-8 text-lg font-semibold">{title}</Primitive.Title>
          {description && (
            <Primitive.Description className="mt-1 text-sm text-muted-foreground">
              {description}
            </Primitive.Description>
          )}
          <div className="mt-4">{children}</div>
          <Primitive.Close
            aria-label="Close"
            className={cn(
              buttonVariants({ variant: "ghost", size: "icon" }),
              "absolute top-3 right-3 size-8",
            )}
          >
            <XIcon />
          </Primitive.Close>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
