"use client";

import { useState } from "react";
import { share } from "../../_lib/format";
import { certaintyOf, type Choice, LEADS, points } from "../../_lib/predict-output";
import { Badge, type BadgeVariant } from "../ui/badge";
import { Button } from "../ui/button";

const SHOWN = 5;
const looks: Record<string, BadgeVariant> = {
  Sure: "good",
  "Fairly sure": "info",
  Unsure: "warning",
};

/** The label, how sure the model is of it, and what else it could be. */
export function ChoiceView({ choice }: { choice: Choice }) {
  const [isWhole, setWhole] = useState(false);
  const { word, reason } = certaintyOf(choice);
  const own = choice.scores.find(({ label }) => label === choice.label);
  const shown = isWhole ? choice.scores : choice.scores.slice(0, SHOWN);
  return (
    <div className="grid gap-4">
      <div>
        <p className="text-2xl font-semibold tracking-tight text-balance break-words">
          {choice.label}
        </p>
        <p className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          {own && <span className="font-medium tabular-nums">{share(own.score)}</span>}
          <Badge variant={looks[word]}>{word}</Badge>
          <span className="text-muted-foreground">{reason}</span>
        </p>
      </div>
      <ul aria-label="Scores" className="grid gap-2.5">
        {shown.map(({ label, score }) => (
          <li key={label} className="text-sm">
            <div className="flex justify-between gap-4">
              <span className={label === choice.label ? "font-medium" : undefined}>{label}</span>
              <span className="text-muted-foreground tabular-nums">{share(score)}</span>
            </div>
            <div aria-hidden className="mt-1 h-1.5 overflow-hidden rounded-full bg-secondary">
              <div
                className="h-full rounded-full bg-chart-1"
                style={{ width: `${Math.min(Math.max(score, 0), 1) * 100}%` }}
              />
            </div>
          </li>
        ))}
      </ul>
      {choice.scores.length > SHOWN && (
        <Button
          variant="ghost"
          size="sm"
          className="-ml-3 justify-self-start"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? "Show fewer" : `Show all ${choice.scores.length}`}
        </Button>
      )}
      <p className="text-xs/relaxed text-muted-foreground">
        Sure is {points(LEADS.sure)} or more ahead of the next label, fairly sure{" "}
        {points(LEADS.fairly)}.
      </p>
    </div>
  );
}
