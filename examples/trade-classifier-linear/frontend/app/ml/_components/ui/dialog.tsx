"use client";

import { Slot } from "radix-ui";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { DialogPanelProps } from "./dialog-panel";

const DialogPanel = lazy(() => import("./dialog-panel")); // with the first one that opens

type Props = Omit<DialogPanelProps, "onOpenChange"> & {
  trigger?: ReactNode;
  /** Left out, the dialog keeps track itself. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
};

export function Dialog({ trigger, open, onOpenChange, ...panel }: Props) {
  const [isOpenByItself, setOpenByItself] = useState(false);
  const isOpen = open ?? isOpenByItself;

  function change(next: boolean) {
    setOpenByItself(next);
    onOpenChange?.(next);
  }

  return (
    <>
      {trigger && (
        <Slot.Root aria-haspopup="dialog" aria-expanded={isOpen} onClick={() => change(true)}>
          {trigger}
        </Slot.Root>
      )}
      {isOpen && (
        <Suspense>
          <DialogPanel {...panel} onOpenChange={change} />
        </Suspense>
      )}
    </>
  );
}
