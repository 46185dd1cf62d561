import {
  BoxIcon,
  DatabaseIcon,
  HistoryIcon,
  HouseIcon,
  ListChecksIcon,
  type LucideIcon,
  RocketIcon,
  SparklesIcon,
} from "lucide-react";
import { paths } from "./paths";

export type Place = { title: string; href: string; icon: LucideIcon };
export type Section = { title: string; places: Place[] };

/** The menu. What searches or chats over documents joins as a section of its own. */
export const sections: Section[] = [
  { title: "", places: [{ title: "Overview", href: paths.overview, icon: HouseIcon }] },
  {
    title: "Build",
    places: [
      { title: "Data sets", href: paths.datasets, icon: DatabaseIcon },
      { title: "Train", href: paths.train, icon: RocketIcon },
      { title: "Jobs", href: paths.jobs, icon: ListChecksIcon },
      { title: "Models", href: paths.models, icon: BoxIcon },
    ],
  },
  {
    title: "Use",
    places: [
      { title: "Predict", href: paths.predict, icon: SparklesIcon },
      { title: "Predictions", href: paths.predictions, icon: HistoryIcon },
    ],
  },
];

/** Whether a page belongs to a place of the menu. */
export function isAt(place: Place, pathname: string): boolean {
  if (place.href === paths.overview) return pathname === place.href;
  return pathname === place.href || pathname.startsWith(`${place.href}/`);
}
