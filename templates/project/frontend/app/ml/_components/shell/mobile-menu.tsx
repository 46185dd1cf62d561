"use client";

import { MenuIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Account } from "./account";
import { Menu } from "./menu";

export function MobileMenu() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog
      open={isOpen}
      onOpenChange={setOpen}
      title="Menu"
      side="left"
      trigger={
        <Button variant="ghost" size="icon" aria-label="Open the menu">
          <MenuIcon className="size-5" />
        </Button>
      }
    >
      <div className="grid gap-6">
        <Menu onChoose={() => setOpen(false)} />
        <Account />
      </div>
    </Dialog>
  );
}
