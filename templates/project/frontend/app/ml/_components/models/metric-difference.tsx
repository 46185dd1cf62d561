import { differenceTo } from "../../_lib/models";

const signed = new Intl.NumberFormat("en", {
  signDisplay: "exceptZero",
  maximumSignificantDigits: 3,
});
const looks = {
  better: "text-emerald-700 dark:text-emerald-400",
  worse: "text-red-700 dark:text-red-400",
  same: "text-muted-foreground",
};

type Props = { metric: string; base: unknown; found: unknown };

/** "+0.03 better": sign and amount, and what they mean for this metric. */
export function MetricDifference({ metric, base, found }: Props) {
  const difference = differenceTo(metric, base, found);
  if (!difference) return null;
  const { amount, verdict } = difference;
  return (
    <span className={`text-xs font-normal whitespace-nowrap tabular-nums ${looks[verdict]}`}>
      {verdict === "same" ? "the same" : `${signed.format(amount)} ${verdict}`}
    </span>
  );
}
