import { useId } from "react";
import type { Setting } from "../../_lib/schema";
import { Field } from "../ui/field";
import { Input, Textarea } from "../ui/input";
import { Select } from "../ui/select";

type Props = { setting: Setting; text: string; fault?: string; onType: (text: string) => void };

const YES_OR_NO = [
  { text: "true", label: "Yes" },
  { text: "false", label: "No" },
];

export function SettingField(props: Props) {
  const { setting, text, fault, onType } = props;
  if (setting.kind === "boolean" && !setting.isNullable) return <Check {...props} />;
  const shared = {
    name: `settings.${setting.name}`,
    value: text,
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => onType(event.target.value),
  };
  return (
    <Field label={setting.label} hint={setting.hint} error={fault}>
      {(control) =>
        setting.kind === "choice" || setting.kind === "boolean" ? (
          <Select {...control} {...shared}>
            {(setting.isNullable || !setting.initial) && <option value="">Not set</option>}
            {(setting.kind === "choice" ? setting.choices : YES_OR_NO).map((choice) => (
              <option key={choice.text} value={choice.text}>
                {choice.label}
              </option>
            ))}
          </Select>
        ) : setting.kind === "json" ? (
          <Textarea {...control} {...shared} className="min-h-9 font-mono" spellCheck={false} />
        ) : (
          <Input
            {...control}
            {...shared}
            inputMode={inputModes[setting.kind]}
            placeholder={setting.initial || (setting.isNullable ? "Not set" : undefined)}
            spellCheck={false}
          />
        )
      }
    </Field>
  );
}

const inputModes = { integer: "numeric", number: "decimal", text: undefined } as const;

function Check({ setting, text, fault, onType }: Props) {
  const id = useId();
  return (
    <div className="grid grid-cols-[auto_1fr] content-start gap-x-2.5 gap-y-1 sm:pt-7">
      <input
        id={id}
        type="checkbox"
        name={`settings.${setting.name}`}
        className="mt-0.5 size-4 cursor-pointer rounded accent-primary outline-none focus-visible:ring-[3px] focus-visible:ring-ring/50"
        checked={text === "true"}
        aria-describedby={`${id}-hint`}
        aria-invalid={fault ? true : undefined}
        onChange={(event) => onType(String(event.target.checked))}
      />
      <label htmlFor={id} className="cursor-pointer text-sm font-medium">
        {setting.label}
      </label>
      <p id={`${id}-hint`} className="col-start-2 text-xs/relaxed text-muted-foreground">
        {setting.hint}
      </p>
      {fault && (
        <p role="alert" className="col-start-2 text-xs/relaxed text-destructive">
          {fault}
        </p>
      )}
    </div>
  );
}
