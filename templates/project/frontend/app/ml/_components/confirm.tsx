"use client";

import { type FormEvent, type ReactNode, useState } from "react";
import { newKey } from "../_lib/idempotency";
import { sentenceOf } from "../_lib/problems";
import { Alert } from "./ui/alert";
import { Button } from "./ui/button";
import { Dialog } from "./ui/dialog";

type Props = {
  trigger: ReactNode;
  title: string;
  description: ReactNode;
  action: string;
  /** What leaves it as it is. */
  refusal?: string;
  mutation: { error: unknown; isPending: boolean; reset: () => void };
  /** Does it; the key is the same for each try of one opening. */
  onConfirm: (key: string) => Promise<unknown>;
  isDestructive?: boolean;
  isBlocked?: boolean;
  children?: ReactNode;
};

/** Asks before something that cannot be undone with a click. */
export function Confirm({ trigger, title, description, mutation, onConfirm, ...props }: Props) {
  const [key, setKey] = useState<string | null>(null);

  function open(isOpen: boolean) {
    mutation.reset();
    setKey(isOpen ? newKey() : null);
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!key || props.isBlocked) return;
    try {
      await onConfirm(key);
      setKey(null);
    } catch {
      // the mutation keeps the error, which is shown below
    }
  }

  return (
    <Dialog
      open={key !== null}
      onOpenChange={open}
      trigger={trigger}
      title={title}
      description={description}
    >
      <form onSubmit={submit} className="grid gap-4">
        {props.children}
        {mutation.error !== null && <Alert variant="error">{sentenceOf(mutation.error)}</Alert>}
        <div className="flex justify-end gap-2">
          <Button variant="ghost" onClick={() => open(false)}>
            {props.refusal ?? "Cancel"}
          </Button>
          <Button
            type="submit"
            variant={props.isDestructive ? "destructive" : "default"}
            disabled={props.isBlocked}
            pending={mutation.isPending}
          >
            {props.action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
