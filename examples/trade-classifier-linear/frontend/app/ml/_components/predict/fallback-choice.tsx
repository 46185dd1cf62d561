import { useId } from "react";

type Props = { isAllowed: boolean; onChange: (isAllowed: boolean) => void };

export function FallbackChoice({ isAllowed, onChange }: Props) {
  const id = useId();
  return (
    <div className="flex gap-3 text-sm">
      <input
        id={id}
        type="checkbox"
        checked={isAllowed}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={`${id}-said`}
        className="mt-0.5 size-4 shrink-0 cursor-pointer accent-primary"
      />
      <div>
        <label htmlFor={id} className="cursor-pointer font-medium">
          Allow a fallback
        </label>
        <p id={`${id}-said`} className="text-xs/relaxed text-muted-foreground">
          While the model cannot answer, a language model of OpenRouter does. It is sent your input,
          and each of its answers may cost money.
        </p>
      </div>
    </div>
  );
}
