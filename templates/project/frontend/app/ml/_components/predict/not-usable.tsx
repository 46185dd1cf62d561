import { RocketIcon } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import type { ModelDetail } from "../../_api";
import { plural } from "../../_lib/format";
import { paths } from "../../_lib/paths";
import { Empty } from "../empty";
import { Button } from "../ui/button";
import { Card } from "../ui/card";

/** A model that has nothing in production yet, and what to do about that. */
export function NotUsable({ model, choice }: { model: ModelDetail; choice: ReactNode }) {
  return (
    <Card>
      <div className="border-b p-5">{choice}</div>
      <Empty
        icon={RocketIcon}
        title={`No version of ${model.name} is in production`}
        action={
          <Button asChild>
            <Link href={paths.model(model.name)}>Open {model.name}</Link>
          </Button>
        }
      >
        {model.versions
          ? `It has ${plural(model.versions, "version")}. Promote one on its page; then it answers here.`
          : "It has not been trained yet. Once it has a version, promote that; then it answers here."}
      </Empty>
    </Card>
  );
}
