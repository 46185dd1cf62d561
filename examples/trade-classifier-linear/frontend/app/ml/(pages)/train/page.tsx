import type { Metadata } from "next";
import { Train } from "../../_components/train/train";

export const metadata: Metadata = { title: "Train" };

export default function TrainPage() {
  return <Train />;
}
