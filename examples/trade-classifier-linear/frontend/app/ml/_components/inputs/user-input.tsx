import { PropertyGrid } from "./property-grid";
import type { InputProps } from "./registry";

/** Who it is for; which items, and how many, where somebody wants to say that. */
export function UserInput({ properties, ...form }: InputProps) {
  const required = properties.filter((property) => property.isRequired);
  const optional = properties.filter((property) => !property.isRequired);
  return (
    <>
      <PropertyGrid {...form} properties={required} />
      {optional.length > 0 && (
        <fieldset className="grid gap-4 border-t pt-4">
          <legend className="float-left text-sm font-medium text-muted-foreground">
            Which items
          </legend>
          <PropertyGrid {...form} properties={optional} />
        </fieldset>
      )}
    </>
  );
}
