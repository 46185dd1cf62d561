import { PropertyGrid } from "./property-grid";
import type { InputProps } from "./registry";

/** The columns of a table, of which the model answers one. */
export function RowInput({ schema, ...form }: InputProps) {
  if (form.properties.length) return <PropertyGrid {...form} />;
  return (
    <p className="text-sm text-muted-foreground">
      {schema.properties
        ? "This model asks for nothing."
        : "This model does not say what it takes."}
    </p>
  );
}
