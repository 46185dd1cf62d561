import { CircleAlertIcon, InfoIcon, TriangleAlertIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../../_lib/cn";

const looks = {
  info: { icon: InfoIcon, classes: "border-sky-600/25 bg-sky-500/8 [&>svg]:text-sky-600" },
  warning: {
    icon: TriangleAlertIcon,
    classes: "border-amber-600/30 bg-amber-500/8 [&>svg]:text-amber-600",
  },
  error: { icon: CircleAlertIcon, classes: "border-red-600/25 bg-red-500/8 [&>svg]:text-red-600" },
};

type Props = {
  variant?: keyof typeof looks;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  className?: string;
};

export function Alert({ variant = "info", title, children, actions, className }: Props) {
  const { icon: Icon, classes } = looks[variant];
  return (
    <div
      role={variant === "error" ? "alert" : "status"}
      className={cn("flex gap-3 rounded-lg border px-4 py-3 text-sm", classes, className)}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className="break-words text-foreground/85">{children}</div>}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
