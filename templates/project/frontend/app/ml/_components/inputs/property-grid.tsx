import { cn } from "../../_lib/cn";
import { isScalar } from "../../_lib/inputs-schema";
import { PropertyField } from "./property-field";
import type { InputProps } from "./registry";

type Props = Omit<InputProps, "schema">;

/** A field for each property, side by side; lists and what is nested take the whole width. */
export function PropertyGrid({ properties, drafts, faults, onChange }: Props) {
  if (!properties.length) return null;
  return (
    <div className={cn("grid gap-x-4 gap-y-5", properties.length > 1 && "sm:grid-cols-2")}>
      {properties.map((property) => (
        <PropertyField
          key={property.name}
          property={property}
          draft={drafts[property.name]}
          faults={faults}
          onChange={onChange}
          className={isScalar(property) ? undefined : "sm:col-span-full"}
        />
      ))}
    </div>
  );
}
