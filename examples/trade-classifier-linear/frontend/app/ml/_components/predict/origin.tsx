import Link from "next/link";
import type { Prediction } from "../../_api";
import { paths } from "../../_lib/paths";
import { took } from "../../_lib/predict";
import { Badge } from "../ui/badge";

type Props = { prediction: Prediction; seconds: number };

/** Which version or fallback answered, from memory or not, and how long that took. */
export function Origin({ prediction, seconds }: Props) {
  const { cached, source } = prediction;
  return (
    <div className="grid gap-2">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm text-muted-foreground">
        <Source {...prediction} />
        {cached && <Badge>From memory</Badge>}
        <span className="tabular-nums">Answered in {took(seconds)}</span>
      </p>
      {cached && (
        <p className="text-xs/relaxed text-muted-foreground">
          The same was asked before, so the earlier answer is repeated. It cost nothing.
        </p>
      )}
      {source === "fallback" && (
        <p className="text-xs/relaxed text-muted-foreground">
          Your own model could not answer. A language model did in its place: it was not trained on
          your data, its percentages are guesses, and it may have cost money.
        </p>
      )}
    </div>
  );
}

type SourceProps = Pick<Prediction, "model" | "version" | "source" | "fallback_model">;

export function Source({ model, version, source, fallback_model: fallback }: SourceProps) {
  if (source === "fallback" || version === null)
    return (
      <Badge variant="warning" className="whitespace-normal">
        Fallback: {fallback ?? "a language model"}
      </Badge>
    );
  return (
    <Link
      href={paths.version(model, version)}
      className="font-medium text-foreground underline-offset-4 hover:underline"
    >
      {model}, version {version}
    </Link>
  );
}
