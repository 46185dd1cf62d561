/** Says it for a moment in the corner; what shows it is loaded apart from the page. */
export async function say(kind: "success" | "error", sentence: string): Promise<void> {
  const { toast } = await import("sonner");
  toast[kind](sentence);
}
