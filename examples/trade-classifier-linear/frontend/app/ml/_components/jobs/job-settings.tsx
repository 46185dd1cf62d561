import type { JobPublic } from "../../_api";
import { title, value } from "../../_lib/format";

export function JobSettings({ job }: { job: JobPublic }) {
  const settings = Object.entries(job.settings);
  return (
    <>
      <p className="mb-3 text-sm text-muted-foreground">
        {settings.length
          ? "What was set for this job; the rest has the recipe's defaults."
          : "Nothing was set: all settings have the recipe's defaults."}
      </p>
      <dl className="grid gap-x-8 text-sm sm:grid-cols-2">
        {settings.map(([name, found]) => (
          <div key={name} className="flex justify-between gap-4 border-b py-2">
            <dt className="text-muted-foreground">{title(name)}</dt>
            <dd className="min-w-0 text-right font-medium break-words">{value(found)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
