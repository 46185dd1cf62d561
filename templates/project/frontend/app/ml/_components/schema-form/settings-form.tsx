import { ChevronRightIcon } from "lucide-react";
import { useState } from "react";
import type { Setting, Typed } from "../../_lib/schema";
import { SettingField } from "./setting-field";

const SHOWN = 6;

type Props = {
  settings: Setting[];
  typed: Typed;
  faults: Record<string, string>;
  onType: (name: string, text: string) => void;
};

/** The fields of a JSON schema, in its order: the first ones at once, the others on demand. */
export function SettingsForm({ settings, ...fields }: Props) {
  const [isOpen, setOpen] = useState(false);
  const first = settings.slice(0, SHOWN);
  const others = settings.slice(SHOWN);
  const isFaulty = others.some(({ name }) => fields.faults[name]);
  return (
    <>
      <Fields settings={first} {...fields} />
      {others.length > 0 && (
        <details
          className="group mt-5 border-t pt-4"
          open={isOpen || isFaulty}
          onToggle={(event) => setOpen(event.currentTarget.open)}
        >
          <summary className="inline-flex cursor-pointer list-none items-center gap-1 rounded-sm pr-1 text-sm font-medium outline-none focus-visible:ring-[3px] focus-visible:ring-ring/50 [&::-webkit-details-marker]:hidden">
            <ChevronRightIcon
              aria-hidden
              className="size-4 transition-transform group-open:rotate-90"
            />
            More settings <span className="text-muted-foreground">({others.length})</span>
          </summary>
          <div className="mt-4">
            <Fields settings={others} {...fields} />
          </div>
        </details>
      )}
    </>
  );
}

function Fields({ settings, typed, faults, onType }: Props) {
  return (
    <div className="grid gap-x-6 gap-y-5 sm:grid-cols-2">
      {settings.map((setting) => (
        <SettingField
          key={setting.name}
          setting={setting}
          text={typed[setting.name] ?? setting.initial}
          fault={faults[setting.name]}
          onType={(text) => onType(setting.name, text)}
        />
      ))}
    </div>
  );
}
