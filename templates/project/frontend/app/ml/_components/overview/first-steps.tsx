import { CheckIcon, DatabaseIcon, type LucideIcon, RocketIcon, SparklesIcon } from "lucide-react";
import Link from "next/link";
import { cn } from "../../_lib/cn";
import { type Known, type StepName, type StepState, underWay } from "../../_lib/models-path";
import { paths } from "../../_lib/paths";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Card, CardHeader } from "../ui/card";

type Action = { href: string; title: string };
type Step = { name: StepName; icon: LucideIcon; title: string; text: string; action: Action };

/** The way from data to predictions, for somebody who has not gone it yet. */
export function FirstSteps({ steps, known }: { steps: Record<StepName, StepState>; known: Known }) {
  return (
    <Card>
      <CardHeader
        title="From your data to predictions"
        description="Three steps, and a model of your own answers."
      />
      <ol className="grid divide-y border-t md:grid-cols-3 md:divide-x md:divide-y-0">
        {stepsWith(known).map((step, index) => (
          <StepItem key={step.name} number={index + 1} step={step} state={steps[step.name]} />
        ))}
      </ol>
    </Card>
  );
}

function stepsWith(known: Known): Step[] {
  return [
    {
      name: "data",
      icon: DatabaseIcon,
      title: "Bring your data",
      text: "A file with a row for each example, and what the model shall learn from it.",
      action: { href: paths.datasets, title: "Add a data set" },
    },
    {
      name: "train",
      icon: RocketIcon,
      title: "Train a model",
      text: "Choose the data and what to learn. You see how it goes, and what it costs.",
      action: trainAction(known),
    },
    {
      name: "predict",
      icon: SparklesIcon,
      title: "Predict",
      text: "Promote a version, then ask it. What you correct makes the next one better.",
      action: predictAction(known),
    },
  ];
}

function trainAction({ jobs }: Known): Action {
  const training = underWay(jobs).find((job) => job.kind === "train");
  return training
    ? { href: paths.job(training.id), title: "Watch the training" }
    : { href: paths.train, title: "Train a model" };
}

function predictAction({ models }: Known): Action {
  const answering = models.find((model) => model.production !== null);
  if (answering) return { href: paths.predictWith(answering.name), title: "Ask the model" };
  const trained = models.find((model) => model.versions > 0);
  return trained
    ? { href: paths.model(trained.name), title: "Promote a version" }
    : { href: paths.predict, title: "Predict" };
}

function StepItem({ number, step, state }: { number: number; step: Step; state: StepState }) {
  const Icon = state === "done" ? CheckIcon : step.icon;
  return (
    <li className="flex flex-col items-start p-5" aria-current={state === "next" && "step"}>
      <div className="mb-3 flex w-full items-center gap-3">
        <span
          className={cn(
            "grid size-9 place-items-center rounded-full bg-muted text-muted-foreground",
            state === "next" && "bg-primary text-primary-foreground",
            state === "done" && "bg-emerald-500/15 text-emerald-800 dark:text-emerald-300",
          )}
        >
          <Icon aria-hidden className="size-4" />
        </span>
        <span className="text-xs text-muted-foreground">Step {number} of 3</span>
        {state === "done" && (
          <Badge variant="good" className="ml-auto">
            Done
          </Badge>
        )}
      </div>
      <h3 className="font-semibold">{step.title}</h3>
      <p className="mt-1 mb-4 text-sm text-pretty text-muted-foreground">{step.text}</p>
      {state !== "done" && (
        <Button asChild className="mt-auto" variant={state === "next" ? "default" : "outline"}>
          <Link href={step.action.href}>{step.action.title}</Link>
        </Button>
      )}
    </li>
  );
}
